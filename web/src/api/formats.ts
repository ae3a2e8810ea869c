// Made from Go's lists: `go test ./web -update`.

/** What `akin export` writes. */
export const exports = ['csv', 'parquet', 'arrow', 'feather', 'npz', 'safetensors', 'npy', 'faiss', 'tsv'];

/** What file fields accept. */
export const accept =
  'image/*,.arw,.avif,.bmp,.cr2,.cr3,.cur,.dng,.exr,.gif,.heic,.heif,.ico,.j2c,.j2k,.jfif,.jp2,.jpe,.jpeg,.jpf,.jpg,.jpx,.jxl,.nef,.orf,.pam,.pbm,.pef,.pgm,.png,.pnm,.ppm,.psb,.psd,.qoi,.raf,.rw2,.svg,.svgz,.tga,.tif,.tiff,.webp';
