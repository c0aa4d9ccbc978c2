// Skia (@napi-rs/canvas) and sharp (libvips) drawing the same art as render_bench: every part tinted and lit, then PNG.
//
//   node peer_pictures.mjs ART_DIR VIEW FINISH WIDTH RUNS LAYERS page|none
//
// Layers are decoded, scaled and cut to their boxes before the clock starts: coverage is the alpha of the diffuse and of the specular
// light. Both peers blend sRGB numbers, as their users do, not light; they need not agree with our pixels, only do the same kind of
// work. On a `page` sharp writes RGB as we do; Skia has no encoder for it and writes RGBA. With `none` all write RGBA without a
// background. WHOLE=1 in the environment leaves layers as large as the picture. LAYERS is written for peer_cairo. One JSON line per peer: milliseconds and CPU milliseconds of each run.
import fs from 'node:fs'
import { createCanvas, ImageData } from '@napi-rs/canvas'
import sharp from 'sharp'

const [dir, view, finish, widthText, runsText, layersFile, below] = process.argv.slice(2)
const width = Number(widthText), runs = Number(runsText), ground = [244, 244, 242], page = below === 'page'
sharp.concurrency(1)
sharp.cache(false)

const grey = file => sharp(`${dir}/${view}/${file}`).resize(width).greyscale().raw().toBuffer({ resolveWithObject: true })
const { data: diffuse, info } = await grey(`diffuse_${finish}.png`)
const { data: specular } = await grey(`specular_${finish}.png`)
const height = info.height

function box(mask) {
  if (process.env.WHOLE) return { x: 0, y: 0, w: width, h: height }
  let [x0, y0, x1, y1] = [width, height, 0, 0]
  mask.forEach((v, i) => {
    if (v === 0) return
    const x = i % width, y = Math.floor(i / width)
    x0 = Math.min(x0, x), x1 = Math.max(x1, x + 1), y0 = Math.min(y0, y), y1 = Math.max(y1, y + 1)
  })
  return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }
}

function layer(light, mask, { x, y, w, h }) {
  const rgba = new Uint8ClampedArray(w * h * 4)
  for (let i = 0; i < w * h; i++) {
    const from = (y + Math.floor(i / w)) * width + x + i % w
    rgba.fill(light[from], 4 * i, 4 * i + 3)
    rgba[4 * i + 3] = mask[from]
  }
  return rgba
}

const parts = []
for (const name of fs.readdirSync(`${dir}/${view}`).filter(name => name.startsWith('mask_')).sort()) {
  const { data: mask } = await grey(name)
  const where = box(mask)
  parts.push({ ...where, diffuse: layer(diffuse, mask, where), specular: layer(specular, mask, where) })
}

const colour = (run, part) => [0, 1, 2].map(k => 40 + (run * 7 + part * 31 + k * 57) % 200)

function writeLayers() {
  const head = new Uint32Array([width, height, parts.length])
  const pieces = parts.flatMap(p => [new Uint32Array([p.x, p.y, p.w, p.h]), p.diffuse, p.specular])
  fs.writeFileSync(layersFile, Buffer.concat([head, ...pieces].map(a => Buffer.from(a.buffer))))
}

function canvasOf(rgba, { w, h }) {
  const canvas = createCanvas(w, h)
  canvas.getContext('2d').putImageData(new ImageData(rgba, w, h), 0, 0)
  return canvas
}

function skia() {
  const layers = parts.map(p => ({ ...p, diffuse: canvasOf(p.diffuse, p), specular: canvasOf(p.specular, p), scratch: createCanvas(p.w, p.h) }))
  const sheet = createCanvas(width, height), ctx = sheet.getContext('2d')
  return run => {
    ctx.globalCompositeOperation = 'copy'
    ctx.fillStyle = page ? `rgb(${ground})` : 'rgba(0, 0, 0, 0)'
    ctx.fillRect(0, 0, width, height)
    layers.forEach((p, i) => {
      const tint = p.scratch.getContext('2d')
      tint.globalCompositeOperation = 'copy'
      tint.drawImage(p.diffuse, 0, 0)
      tint.globalCompositeOperation = 'multiply'
      tint.fillStyle = `rgb(${colour(run, i)})`
      tint.fillRect(0, 0, p.w, p.h)
      tint.globalCompositeOperation = 'destination-in'
      tint.drawImage(p.diffuse, 0, 0)
      ctx.globalCompositeOperation = 'source-over'
      ctx.drawImage(p.scratch, p.x, p.y)
      ctx.globalCompositeOperation = 'lighter'
      ctx.drawImage(p.specular, p.x, p.y)
    })
    return sheet.encodeSync('png')
  }
}

function vips() {
  const raw = (data, p) => ({ raw: { width: p.w, height: p.h, channels: 4 }, input: data })
  return async run => {
    const pieces = []
    for (const [i, p] of parts.entries()) {
      const tint = [...colour(run, i).map(v => v / 255), 1]
      const tinted = await sharp(Buffer.from(p.diffuse.buffer), { raw: raw(null, p).raw }).linear(tint, [0, 0, 0, 0]).raw().toBuffer()
      pieces.push({ ...raw(tinted, p), left: p.x, top: p.y, blend: 'over' },
        { ...raw(Buffer.from(p.specular.buffer), p), left: p.x, top: p.y, blend: 'add' })
    }
    const [r, g, b] = ground, background = page ? { r, g, b } : { r: 0, g: 0, b: 0, alpha: 0 }
    const picture = sharp({ create: { width, height, channels: page ? 3 : 4, background } }).composite(pieces)
    return (page ? picture.removeAlpha() : picture).png().toBuffer()
  }
}

async function measure(peer, draw) {
  const ms = [], cpuMs = []
  let bytes = 0
  for (let run = 0; run <= runs; run++) {
    const cpu = process.cpuUsage(), began = performance.now()
    const png = await draw(run)
    const took = performance.now() - began, used = process.cpuUsage(cpu)
    bytes = png.length
    if (process.env.KEEP) fs.writeFileSync(`${process.env.KEEP}-${peer.split(' ')[0]}.png`, png)
    if (run > 0) ms.push(took), cpuMs.push((used.user + used.system) / 1000)
  }
  console.log(JSON.stringify({ peer, ms, cpuMs, bytes }))
}

writeLayers()
await measure('Skia (@napi-rs/canvas)', skia())
await measure('sharp (libvips)', vips())
