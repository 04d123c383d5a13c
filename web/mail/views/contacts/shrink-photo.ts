/** A picture of any size as a small JPEG, made by the browser itself. */
import { photoOctets, photoSide, type Shrink } from '../../model/contacts/photos.ts'

/** Pixels: more than any camera makes; a browser would need gigabytes for them */
const maxPixels = 100_000_000
const qualities = [0.88, 0.75, 0.6, 0.4]

export const shrinkPhoto: Shrink = async picture => {
  try {
    const bitmap = await createImageBitmap(picture)
    try {
      return bitmap.width * bitmap.height > maxPixels ? undefined : await drawn(bitmap)
    } finally {
      bitmap.close()
    }
  } catch {
    return undefined
  }
}

async function drawn(bitmap: ImageBitmap): Promise<string | undefined> {
  const scale = Math.min(1, photoSide / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const context = canvas.getContext('2d')
  if (!context) return undefined
  // JPEG knows nothing transparent
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  for (const quality of qualities) {
    const uri = canvas.toDataURL('image/jpeg', quality)
    if (uri.startsWith('data:image/jpeg') && uri.length <= (photoOctets * 4) / 3) return uri
  }
  return undefined
}
