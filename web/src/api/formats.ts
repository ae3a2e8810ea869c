/** What file fields accept. Made from the registry of formats: `go test ./web -update`. */
export const accept =
  'image/*,.arw,.avif,.bmp,.cr2,.dng,.gif,.heic,.heif,.jfif,.jpe,.jpeg,.jpg,.nef,.pef,.png,.raf,.svg,.svgz,.tif,.tiff,.webp';
