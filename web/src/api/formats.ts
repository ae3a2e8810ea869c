/** What file fields accept. Made from the registry of formats: `go test ./web -update`. */
export const accept = 'image/*,.avif,.bmp,.gif,.heic,.heif,.jfif,.jpe,.jpeg,.jpg,.png,.svg,.svgz,.tif,.tiff,.webp';
