#!/bin/sh
# Makes these files of those in ../metadata with ImageMagick 6, which writes IPTC and XMP as texts of digits, and exiftool 12.57 or
# later, and expected.json, which is what exiftool reads of them.
set -eu
cd "$(dirname "$0")"
magick=$(command -v convert-im6.q16)
plain="+set date:create +set date:modify"
"$magick" ../metadata/all.jpg $plain all.png
"$magick" ../metadata/iptc.jpg $plain iptc.png
"$magick" ../metadata/plain.jpg $plain -set Title "Ein Titel" -set Description "Aussicht" text.png
"$magick" ../metadata/plain.jpg $plain position.png
exiftool -q -m -overwrite_original "-XMP-exif:GPSLatitude=33.8568 S" "-XMP-exif:GPSLongitude=151.2153 E" position.png
exiftool -json -n -G1 -Make -Model -LensModel -Lens -GPSLatitude -GPSLongitude -Rating -Label -Title -ObjectName -Description -Caption-Abstract -ImageDescription -Subject -Keywords ./*.png >expected.json
