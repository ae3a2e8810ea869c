"""Writes opencv.json: the keypoints of OpenCV's SIFT in the test's scene.

    go test ./internal/insight/keypoint -run OpenCVs -write /tmp/scene.png
    python opencv.py /tmp/scene.png > opencv.json      (opencv-python-headless 4.12 and later)
"""

import base64
import json
import math
import sys

import cv2

grey = cv2.imread(sys.argv[1], cv2.IMREAD_GRAYSCALE)
points, descriptors = cv2.SIFT_create().detectAndCompute(grey, None)
print(json.dumps([
    {"X": round(p.pt[0] + 0.5, 3), "Y": round(p.pt[1] + 0.5, 3), "Scale": round(p.size / 2, 4), "Angle": round(math.remainder(math.radians(p.angle), 2 * math.pi), 4),
     "Descriptor": base64.b64encode(bytes(int(v) for v in d)).decode()}
    for p, d in zip(points, descriptors)
], separators=(",", ":")).replace("},{", "},\n{"))
