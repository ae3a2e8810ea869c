"""Writes the arrays that the tests read, with NumPy 2.4 and safetensors 0.8 (bfloat16 by ml_dtypes 0.6). The arrays of f4.npz are
in encrypted.npz by Info-ZIP 3.0 (zip -P password), and in encrypted_aes.npz by pyzipper 0.4 (AES).

python make.py
"""
import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

values = np.array([[1, -2, 0.5], [2.0**-24, -65504, 1 / 3]])
for name, type in {"f2": "<f2", "f4": "<f4", "f8": "<f8", "f4_big_endian": ">f4"}.items():
    np.savez(f"{name}.npz", embeddings=values.astype("<f2").astype(type), names=np.array(["a", "Zoë 𝄞"]))
half = values.astype(np.float16).astype(np.float32)
np.savez_compressed("compressed.npz", x=half, id=np.array([b"a", "Zoë 𝄞".encode()]), labels=np.array(["cat", "cat"]))
np.savez("fortran.npz", vectors=np.asfortranarray(half), file_name=np.array(["p/a.png", "b.png"]), name=np.array(["a", "Zoë 𝄞"]).astype(">U9"))
np.savez("two.npz", clip=half, dino=half * 2, title=np.array(["a", "Zoë 𝄞"]), y=np.array([0, 1]))
np.savez("unnamed.npz", half, np.array([1, 2]))
np.savez("two_texts.npz", x=half, one=np.array(["a", "b"]), other=np.array(["c", "d"]))
np.savez("pickled.npz", x=half, names=np.array(["a", "b"], dtype=object))
np.savez("flat.npz", x=half.ravel(), deep=half[None])
for name, type in {"F16": np.float16, "F32": np.float32, "F64": np.float64}.items():
    save_file({"embeddings": half.astype(type), "bias": np.zeros(3, np.float32)}, f"{name}.safetensors")
save_file({"embeddings": half.astype(ml_dtypes.bfloat16)}, "BF16.safetensors")
save_file({"x": half.astype(np.int32)}, "whole.safetensors")
