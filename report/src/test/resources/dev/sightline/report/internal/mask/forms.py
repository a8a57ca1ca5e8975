"""Runs the Python forms of masks and prints the cells that they allow, a line for each.

Where NumPy or PyTorch is missing, and with the argument "stub", a small stand-in for it is used:
arrays are functions of (b, h, q, k), so that the code's own operators and look-ups are run.
"""
import json
import operator
import sys
import types


class Cells:
    """An array as a function of a pair."""

    def __init__(self, at):
        self.at = at

    def joined(self, other, operation):
        right = other.at if isinstance(other, Cells) else lambda *pair: other
        return Cells(lambda *pair: operation(self.at(*pair), right(*pair)))

    def __getitem__(self, index):
        axes = [place for place, part in enumerate(index) if isinstance(part, slice)]
        axis = (2 + axes[0]) if len(index) == 2 else axes[0]
        return Cells(lambda *pair: pair[axis])


for name in ("add", "sub", "floordiv", "mod", "and", "or", "lt", "le", "eq", "ne", "gt", "ge", "mul"):
    operation = getattr(operator, name + "_" if name in ("and", "or") else name)
    setattr(Cells, f"__{name}__", lambda self, other, operation=operation: self.joined(other, operation))


class Table:
    """A table of numbers, looked up by numbers or by arrays."""

    def __init__(self, values):
        self.values = values

    def __getitem__(self, index):
        if isinstance(index, tuple):
            rows, columns = index
            if isinstance(rows, Cells) or isinstance(columns, Cells):
                rows = rows if isinstance(rows, Cells) else Cells(lambda *pair, r=rows: r)
                columns = columns if isinstance(columns, Cells) else Cells(lambda *pair, c=columns: c)
                return Cells(lambda *pair: self.values[rows.at(*pair)][columns.at(*pair)])
            return self.values[rows][columns]
        if isinstance(index, Cells):
            return Cells(lambda *pair: self.values[index.at(*pair)])
        return self.values[index]


def stub(name):
    module = types.ModuleType(name)
    module.arange = lambda size: Cells(lambda *pair: pair)
    module.array = module.tensor = Table
    module.broadcast_to = lambda cells, shape: cells
    module.where = lambda cells, yes, no: Cells(lambda *pair: yes if cells.at(*pair) else no)
    sys.modules[name] = module
    return module


only_stub = sys.argv[2:] == ["stub"]
real = {}
for library in ("numpy", "torch"):
    try:
        if only_stub:
            raise ImportError
        __import__(library)
        real[library] = True
    except ImportError:
        stub(library)
        real[library] = False
flex = types.ModuleType("torch.nn.attention.flex_attention")
flex.create_block_mask = lambda mask_mod, **sizes: sizes
if not real["torch"]:
    for package in ("torch.nn", "torch.nn.attention"):
        sys.modules[package] = types.ModuleType(package)
sys.modules["torch.nn.attention.flex_attention"] = flex


def cell(values, pair, sizes):
    if isinstance(values, Cells):
        return values.at(*pair)
    index = pair if len(values.shape) == 4 else pair[2:]
    index = tuple(0 if size == 1 else i for i, size in zip(index, values.shape))
    return values[index].item()


for case in json.load(open(sys.argv[1])):
    scope = {}
    exec(case["code"], scope)
    batch, heads, queries, keys = case["shape"]
    bits = []
    for b in range(batch):
        for h in range(heads):
            for q in range(queries):
                for k in range(keys):
                    pair = (b, h, q, k)
                    form = case["form"]
                    if form in ("flex-mod", "huggingface"):
                        function = scope["mask_mod" if form == "flex-mod" else "mask_function"]
                        if real["torch"]:
                            torch = sys.modules["torch"]
                            answer = bool(function(*[torch.tensor(i) for i in pair]))
                        else:
                            answer = function(*pair)
                    elif form == "torch-additive":
                        answer = {0.0: True, float("-inf"): False}[cell(scope["bias"], pair, case)]
                    else:
                        answer = cell(scope["mask"], pair, case)
                    bits.append("1" if answer else "0")
    print("".join(bits))
print("libraries", json.dumps(real))
