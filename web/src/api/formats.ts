/** What file fields accept: all pictures, and the formats that browsers may not know as such. */
export const accept = 'image/*,.heic,.heif,.avif,.tif,.tiff';
