"""Objects that raise, lie, block and recurse whenever anybody looks at them."""

import threading

from starlette.applications import Starlette


class Pool:
    pass


class Raises:
    def _raise(self, *args, **kwargs):
        raise RuntimeError("looked at")

    __repr__ = __str__ = __eq__ = __ne__ = __bool__ = __len__ = __hash__ = __iter__ = __dir__ = __format__ = _raise
    __getattr__ = __reduce__ = __reduce_ex__ = __copy__ = __deepcopy__ = __del__ = __sizeof__ = _raise


class RaisesAll:
    def __getattribute__(self, name):
        raise RuntimeError("looked at")


class ExitsWhenLookedAt:
    def __getattribute__(self, name):
        raise SystemExit(0)

    def __repr__(self):
        raise SystemExit(0)

    def __eq__(self, other):
        raise KeyboardInterrupt

    def __bool__(self):
        raise KeyboardInterrupt


class Lies:
    __class__ = Pool

    def __eq__(self, other):
        return True

    def __bool__(self):
        return False

    def __len__(self):
        return -1

    def __hash__(self):
        return 1

    def __repr__(self):
        return "None"


class ClassRaises:
    @property
    def __class__(self):
        raise RuntimeError("looked at")


class Blocks:
    def _block(self, *args, **kwargs):
        threading.Event().wait()

    __repr__ = __str__ = __eq__ = __bool__ = __len__ = __hash__ = __iter__ = __getattr__ = _block
    __class__ = property(_block)


class Recurses:
    def __getattr__(self, name):
        return getattr(self, name + "_")

    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return self == other

    def __bool__(self):
        return bool(self)


class AnswersEverything:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


class Meta(type):
    def __instancecheck__(cls, instance):
        raise RuntimeError("looked at")

    def __subclasscheck__(cls, subclass):
        raise RuntimeError("looked at")

    def __getattribute__(cls, name):
        if name in {"__name__", "__qualname__", "__module__", "__mro__", "__dict__"}:
            raise RuntimeError("looked at")
        return super().__getattribute__(name)

    def __eq__(cls, other):
        raise RuntimeError("looked at")

    def __hash__(cls):
        raise RuntimeError("looked at")

    def __repr__(cls):
        raise RuntimeError("looked at")


class Nameless(metaclass=Meta):
    pass


class DictRaises:
    @property
    def __dict__(self):
        raise RuntimeError("looked at")


OddModule = type("OddModule", (), {"__module__": 42})

app = Starlette()
app.state.raises = Raises()
app.state.raises_all = RaisesAll()
app.state.exits = ExitsWhenLookedAt()
app.state.lies = Lies()
app.state.class_raises = ClassRaises()
app.state.blocks = Blocks()
app.state.recurses = Recurses()
app.state.answers = AnswersEverything()
app.state.nameless = Nameless()
app.state.dict_raises = DictRaises()
app.state.odd_module = OddModule()
app.state.pool = Pool()
app.state.class_itself = Nameless
app.state.module = threading
app.state.myself = app.state
