#!/bin/sh
# Makes these files with Pillow 13, heif-enc and exiftool 12.57 or later, and expected.json, which is what exiftool reads of them.
set -eu
python3 - <<'P'
from PIL import Image
im = Image.new("RGB", (16, 12), (200, 120, 40))
im.save("all.jpg", quality=60); im.save("exif.jpg", quality=60); im.save("iptc.jpg", quality=60); im.save("latin1.jpg", quality=60)
im.save("plain.jpg", quality=60); im.save("xmp.png"); im.save("xmp.webp"); im.save("all.tif", compression="tiff_lzw")
im.resize((64, 64)).save("plain.png")
P
heif-enc -q 40 plain.png -o all.heic && rm plain.png
t="exiftool -q -overwrite_original -codedcharacterset=utf8"
gps="-GPSLatitude=48.858222 -GPSLatitudeRef=N -GPSLongitude=2.2945 -GPSLongitudeRef=W"
for f in all.jpg all.tif all.heic; do
	$t "-Make=NIKON CORPORATION" "-Model=NIKON D850" "-LensModel=24-70mm f/2.8" $gps -XMP:Rating=4 -XMP:Label=Green \
		"-XMP-dc:Title=Tour Eiffel" "-XMP-dc:Description=À l'aube" -XMP-dc:Subject=Paris -XMP-dc:Subject=été $f
done
$t "-Make=Canon" "-Model=Canon EOS R5" -GPSLatitude=33.8568 -GPSLatitudeRef=S -GPSLongitude=151.2153 -GPSLongitudeRef=E -EXIF:ImageDescription=Opera exif.jpg
$t -IPTC:Keywords=harbour -IPTC:Keywords=bridge -IPTC:Caption-Abstract="Brücke" -IPTC:ObjectName=Hafen iptc.jpg
exiftool -q -overwrite_original -codedcharacterset= -IPTC:Caption-Abstract="Brücke" -charset iptc=latin1 latin1.jpg
$t -XMP:Rating=-1 -XMP-dc:Subject=a -XMP-dc:Subject="<b> & c" -XMP-tiff:Make=Apple "-XMP-tiff:Model=iPhone 15" "-XMP-aux:Lens=back camera" xmp.png xmp.webp
rm -f xmp.xmp
exiftool -q -XMP:Rating=3 -XMP:Label=Red "-XMP-dc:Description=from a sidecar" -XMP-dc:Subject=side xmp.xmp
exiftool -json -n -G1 -Make -Model -LensModel -Lens -GPSLatitude -GPSLongitude -Rating -Label -Title -ObjectName -Description -Caption-Abstract -ImageDescription -Subject -Keywords ./*.jpg ./*.tif ./*.png ./*.webp ./*.heic >expected.json
