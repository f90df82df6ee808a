import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ghostnote.models.checkpoint import bundled_folder
from ghostnote.models.finite import graph_is_finite

SHIPPED = sorted(bundled_folder("performer").glob("*.onnx"))


def graph_of(*nodes: onnx.NodeProto, weights: tuple[onnx.TensorProto, ...] = ()) -> bytes:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])]
    return helper.make_model(helper.make_graph(list(nodes), "g", inputs, outputs, list(weights))).SerializeToString()


def constant(value: float) -> bytes:
    """A constant of the graph, as exporters write them inside a node."""
    tensor = numpy_helper.from_array(np.array([1.0, value], dtype=np.float32))
    return graph_of(helper.make_node("Constant", [], ["y"], value=tensor))


def weight(value: float, kind: int, *, raw: bool) -> bytes:
    if raw and kind == TensorProto.BFLOAT16:
        bits = (np.array([1.0, value], dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16)
        return graph_of(weights=(helper.make_tensor("w", kind, [2], bits.tobytes(), raw=True),))
    if raw:
        values = np.array([1.0, value], dtype=helper.tensor_dtype_to_np_dtype(kind))
        return graph_of(weights=(numpy_helper.from_array(values, "w"),))
    return graph_of(weights=(helper.make_tensor("w", kind, [2], [1.0, value]),))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_weight_of_a_shipped_graph_is_looked_at(path):
    content = path.read_bytes()
    assert graph_is_finite(content)
    count = 0
    for place, initializer in enumerate(onnx.load_from_string(content).graph.initializer):
        values = numpy_helper.to_array(initializer).copy()
        if values.dtype.kind == "f":
            poisoned = onnx.load_from_string(content)
            values.flat[values.size // 2] = np.nan
            poisoned.graph.initializer[place].CopyFrom(numpy_helper.from_array(values, initializer.name))
            assert not graph_is_finite(poisoned.SerializeToString()), initializer.name
            count += 1
    assert count >= 8


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.DOUBLE])
def test_numbers_in_both_encodings(bad, raw, kind):
    assert graph_is_finite(weight(2.0, kind, raw=raw))
    assert not graph_is_finite(weight(bad, kind, raw=raw))


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16])
def test_half_precision(kind):
    assert graph_is_finite(weight(2.0, kind, raw=True))
    assert not graph_is_finite(weight(np.nan, kind, raw=True))
    assert not graph_is_finite(weight(np.inf, kind, raw=True))


def test_constants_inside_nodes():
    assert graph_is_finite(constant(0.5))
    assert not graph_is_finite(constant(np.nan))
    assert not graph_is_finite(graph_of(helper.make_node("Constant", [], ["y"], value_float=float("nan"))))


def test_constants_of_branches_within_nodes():
    inner = onnx.load_from_string(constant(np.nan)).graph
    assert not graph_is_finite(graph_of(helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)))


def test_whole_numbers_have_no_nan():
    ones = np.full(4, -1, dtype=np.int64)  # all bits set, which as a float would be NaN
    assert graph_is_finite(graph_of(weights=(numpy_helper.from_array(ones, "w"),)))


@pytest.mark.parametrize("content", [b"\x3a\xff", b"\x3a", b"\xff" * 20, b"\x0b\x00", b"\x3a\x05\x2a"])
def test_bytes_that_are_no_graph(content):
    with pytest.raises(ValueError, match=r"middle of a field|too long|wire type"):
        graph_is_finite(content)
