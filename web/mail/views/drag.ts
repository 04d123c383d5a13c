/** Conversations that are dragged to a mailbox. */
import type { Id } from '#protocols/jmap/wire.ts'

const type = 'application/x-hikyaku-threads'

export function dragThreads(event: DragEvent, threads: readonly Id[], label: string): void {
  if (!event.dataTransfer) return
  event.dataTransfer.setData(type, JSON.stringify(threads))
  event.dataTransfer.effectAllowed = 'move'
  const badge = document.createElement('div')
  badge.className = 'drag-badge'
  badge.textContent = label
  document.body.append(badge)
  event.dataTransfer.setDragImage(badge, -8, -8)
  setTimeout(() => badge.remove())
}

export function carriesThreads({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes(type) ?? false
}

export function droppedThreads({ dataTransfer }: DragEvent): readonly Id[] {
  const data: unknown = JSON.parse(dataTransfer?.getData(type) || '[]')
  return Array.isArray(data) ? data.filter((one): one is Id => typeof one === 'string') : []
}
