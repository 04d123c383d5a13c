/** The courier's letter. */
export function Brand({ size = 28 }: { readonly size?: number }) {
  return (
    <svg class="brand" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" fill="var(--brand)" />
      <path d="M20 20h32v22a3 3 0 0 1-3 3H20z" fill="#fff" />
      <path d="M20 21l16 12.5 16-12.5" fill="none" stroke="var(--brand)" stroke-width="3.5" stroke-linejoin="round" />
      <path d="M8 26h12M12 33h8M8 40h12" stroke="#fff" stroke-width="3.5" stroke-linecap="round" />
    </svg>
  )
}
