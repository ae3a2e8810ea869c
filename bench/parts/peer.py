"""Verifies pairs of pictures with OpenCV: keypoints, Lowe's ratio, a homography by RANSAC. The score is the number of inliers.

    python peer.py sift|orb PAIRS.tsv OUT.tsv     writes kind, query, original, score, milliseconds
"""

import sys
import time

import cv2
import numpy as np

SIDE = 1600


def main():
    method, pairs, out = sys.argv[1:4]
    detector = cv2.SIFT_create(5000) if method == "sift" else cv2.ORB_create(5000)
    norm = cv2.NORM_L2 if method == "sift" else cv2.NORM_HAMMING
    matcher = cv2.BFMatcher(norm)
    known, made = {}, 0.0

    def features(path):
        nonlocal made
        if path not in known:
            image = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
            by = SIDE / max(image.shape)
            if by < 1:
                image = cv2.resize(image, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
            begun = time.perf_counter()
            known[path] = detector.detectAndCompute(image, None)
            made += time.perf_counter() - begun
        return known[path]

    def score(a, b):
        (pa, da), (pb, db) = a, b
        if da is None or db is None or len(pa) < 4 or len(pb) < 4:
            return 0
        good = [m[0] for m in matcher.knnMatch(da, db, k=2) if len(m) == 2 and m[0].distance < 0.75 * m[1].distance]
        if len(good) < 4:
            return 0
        _, mask = cv2.findHomography(np.float32([pa[m.queryIdx].pt for m in good]), np.float32([pb[m.trainIdx].pt for m in good]), cv2.RANSAC, 3)
        return 0 if mask is None else int(mask.sum())

    with open(pairs) as lines, open(out, "w") as to:
        for line in lines:
            kind, a, b = line.rstrip("\n").split("\t")
            a_features, b_features = features(a), features(b)
            begun = time.perf_counter()
            value = score(a_features, b_features)
            print(kind, a, b, value, round(1000 * (time.perf_counter() - begun), 3), sep="\t", file=to)
    print(f"{method}: {1000 * made / len(known):.0f} ms for the keypoints of a picture", file=sys.stderr)


main()
