"""Counts what a network multiplies and adds for one picture: two operations for each product of its convolutions
and matrices.

    python bench/operations.py GRAPH.onnx
"""

import math
import sys

import onnx


def main(path):
    model = onnx.load(path, load_external_data=False)
    for value in model.graph.input:
        for d in value.type.tensor_type.shape.dim:
            if not d.HasField("dim_value"):
                d.dim_value = 1
    model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {i.name: list(i.dims) for i in model.graph.initializer}
    for value in [*model.graph.input, *model.graph.value_info, *model.graph.output]:
        shapes[value.name] = [d.dim_value for d in value.type.tensor_type.shape.dim]
    total = 0
    for node in model.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        a, w, out = (shapes.get(name) for name in (*node.input[:2], node.output[0]))
        if not out or 0 in out or not w or not a:
            sys.exit(f"{node.name or node.op_type}: its shape is unknown")
        if node.op_type == "Conv":
            summed = math.prod(w[1:])
        elif node.op_type == "Gemm" and any(attr.name == "transA" and attr.i for attr in node.attribute):
            summed = a[0]
        else:
            summed = a[-1]
        total += 2 * math.prod(out) * summed
    print(total)


main(*sys.argv[1:])
