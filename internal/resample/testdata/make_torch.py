"""Writes torch.npz: pictures ("N:in"), and what torch's interpolate with antialias makes of them in float32
("N:filter"): sides of one pixel, one pass only, smaller, larger and both. Made with torch 2.15.0.
"""
import pathlib

import numpy
import torch

random = numpy.random.default_rng(20261130)
arrays = {}
sizes = [((1, 1), (3, 2)), ((40, 7), (9, 7)), ((5, 61), (5, 20)), ((33, 47), (12, 100)), ((90, 70), (16, 16)), ((6, 5), (17, 13)), ((3, 1300), (2, 7))]
for number, ((height, width), size) in enumerate(sizes):
    picture = random.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    picture[random.random((height, width)) < 0.2] = 255
    arrays[f"{number}:in"] = picture
    planes = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    for name in ["bilinear", "bicubic"]:
        resized = torch.nn.functional.interpolate(planes, size=size, mode=name, antialias=True)[0]
        arrays[f"{number}:{name}"] = resized.permute(1, 2, 0).contiguous().numpy()
numpy.savez_compressed(pathlib.Path(__file__).with_name("torch.npz"), **arrays)
