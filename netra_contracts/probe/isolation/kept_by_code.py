"""What code keeps for all instances of a class: closures and attributes of methods, descriptors, context variables.

It is shared by construction and mostly never changes, such as the roles that a decorator was given. So an object found
here counts as shared by users only if it is an empty container, which is there to be filled, and it is searched for
their ids.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextvars import Context, ContextVar
from typing import Any

from ..inspection import object_graph, own_code
from ..inspection.safe_inspect import MISSING, class_attribute, class_name, instance_dict
from .sharing_policy import SharingPolicy

_WRAPPERS = {"staticmethod": ("__func__",), "classmethod": ("__func__",), "property": ("fget", "fset", "fdel")}
_CLOSURE = "<closure "


def of_class(policy: SharingPolicy, obj: Any) -> list[object_graph.Child]:
    """The functions and descriptors of an object's own classes that may refer to data of all instances."""
    return policy.per_class(obj, _of_class)


def _of_class(policy: SharingPolicy, obj: Any) -> list[object_graph.Child]:
    found: list[object_graph.Child] = []
    for name, value in policy.class_code(obj):
        functions = (function for function in _functions(value) if function.__closure__ or function.__dict__)
        found += [(("class attribute", name), function) for function in functions]
        if class_name(value) == "_lru_cache_wrapper" or _is_descriptor(policy, value):
            found.append((("class attribute", name), value))
    return found


def _functions(value: Any) -> Iterator[Any]:
    """A function, or those behind a static method, class method, property or cached property."""
    kind = class_name(value)
    if kind == "function":
        yield value
    elif kind == "cached_property":
        yield from _functions((instance_dict(value) or {}).get("func"))
    for attribute in _WRAPPERS.get(kind, ()):
        yield from _functions(getattr(value, attribute))


def _is_descriptor(policy: SharingPolicy, value: Any) -> bool:
    """Whether a class attribute is a descriptor of a class of the application."""
    return policy.is_own_class(type(value)) and class_attribute(type(value), "__get__") is not MISSING


def of_context(policy: SharingPolicy, obj: Any, context: Context) -> Iterator[object_graph.Child]:
    """The values of the context variables that methods of an object's own classes use, their defaults included."""
    for variable in policy.per_class(obj, _variables_of):
        if variable in context:
            yield ("context variable", variable.name), context[variable]
        else:
            for default in gc.get_referents(variable):
                if default is not variable.name:
                    yield ("context variable", variable.name), default


def _variables_of(policy: SharingPolicy, obj: Any) -> list[Any]:
    """The context variables that methods of a class use, or functions of the application that these call."""
    functions = [function for _, value in policy.class_code(obj) for function in _functions(value)]
    called = [
        value
        for function in functions
        for value in _globals_of(function)
        if class_name(value) == "function" and own_code.is_own_code(value.__code__.co_filename)
    ]
    found = {
        id(value): value
        for function in (*functions, *called)
        for value in _globals_of(function)
        if type(value) is ContextVar
    }
    return list(found.values())


def _globals_of(function: Any) -> Iterator[Any]:
    for name in function.__code__.co_names:
        value = dict.get(function.__globals__, name)
        if value is not None:
            yield value


def children(node: Any) -> Iterator[object_graph.Child]:
    """The objects that an object refers to. Of a function of a library, only the functions that it wraps."""
    if class_name(node) == "function" and not own_code.is_own_code(node.__code__.co_filename):
        for step, child in object_graph.referents(node):
            if class_name(child) == "function":
                yield step, child
    elif issubclass(type(node), dict):
        yield from (child for child in object_graph.referents(node) if child[0][0] == "attribute")
    else:
        yield from object_graph.referents(node)


def is_to_be_filled(node: Any, step: object_graph.Step, child: Any) -> bool:
    """Whether an object is an empty container, directly in a closure, an attribute of a function or a context variable.

    A dictionary in a closure may be a cache by arguments: it counts only if the function uses a constant key.
    """
    if not issubclass(type(child), object_graph.CONTAINERS) or len(child) > 0:
        return False
    if step[0] == "context variable":
        return True
    if class_name(node) != "function" or step[0] != "attribute":
        return False
    is_mapping = issubclass(type(child), dict) and step[1].startswith(_CLOSURE)
    return not is_mapping or _has_constant_key(node.__code__, step[1][len(_CLOSURE) : -1])


def _has_constant_key(code: Any, variable: str) -> bool:
    """Whether a function uses a constant as a key of a variable of its closure: `last["user"]`."""
    import dis

    instructions = list(dis.get_instructions(code))
    return any(
        first.opname == "LOAD_DEREF" and first.argval == variable and second.opname == "LOAD_CONST"
        for first, second in zip(instructions, instructions[1:])
    )


class DescriptorValues:
    """The objects that descriptors of the application's classes refer to, to find those that replace them.

    Args:
        policy: decides what belongs to the application and what can change.
        attributes: the attributes of classes.
    """

    def __init__(self, policy: SharingPolicy, attributes: Iterable[Any]) -> None:
        self._policy = policy
        descriptors = (value for value in attributes if _is_descriptor(policy, value))
        #: With references to the objects, so that no other gets the id of one of them.
        self._before = {id(found): (found, list(_mutable_attributes(policy, found))) for found in descriptors}

    def new(self, obj: Any) -> Iterator[int]:
        """The ids of the objects that descriptors of an object's classes refer to since."""
        for _, value in of_class(self._policy, obj):
            if id(value) in self._before:
                known = set(map(id, self._before[id(value)][1]))
                yield from (id(child) for child in _mutable_attributes(self._policy, value) if id(child) not in known)


def _mutable_attributes(policy: SharingPolicy, descriptor: Any) -> Iterator[Any]:
    """The mutable objects that are attributes of a descriptor, except mappings, which may have a key per instance."""
    for step, child in object_graph.referents(descriptor):
        if step[0] != "attribute" or issubclass(type(child), dict) or not object_graph.is_followed(child):
            continue
        if not policy.is_boundary(child) and policy.is_mutable(child):
            yield child


def cached(node: Any) -> list[tuple[Any, Any]]:
    """The keys and values of a cache: of a dictionary, of one of cachetools, or of a function with `lru_cache`."""
    if class_name(node) == "_lru_cache_wrapper":
        return _of_lru_cache(node)
    data = node if issubclass(type(node), dict) else (instance_dict(node) or {}).get("_Cache__data")
    return list(dict.items(data)) if data is not None and issubclass(type(data), dict) else []


def _of_lru_cache(node: Any) -> list[tuple[Any, Any]]:
    """With a limit, it refers to each key and to the result after it; without one, to a dictionary."""
    referents, own = gc.get_referents(node), instance_dict(node)
    is_limited = type(node).cache_info(node).maxsize is not None  # a method of the C class
    for found in referents:
        if type(found) is not dict or found is own or not found:
            continue
        if not is_limited:
            return list(found.items())
        if all(class_name(link) == "_lru_list_elem" for link in found.values()):
            keys = {id(key) for key in found}
            return [(key, value) for key, value in zip(referents, referents[1:]) if id(key) in keys]
    return []


def reachable_by_others(
    entries: list[tuple[Any, Any]], owners: list[tuple[frozenset[int], frozenset[int]]]
) -> Iterator[tuple[Any, Any]]:
    """Those entries of a cache that are not kept for one user each.

    Args:
        entries: keys and values.
        owners: for each entry, the users whose ids the key contains, and those whose ids the value contains.
    """
    of_values = [of_value for of_key, of_value in owners if of_value and not of_key]
    # One user's data in each entry, such as by session: the key belongs to the user although it is not the user's id.
    by_user = len(of_values) > 1 and all(len(of_value) == 1 for of_value in of_values)
    by_user = by_user and len(frozenset().union(*of_values)) == len(of_values)
    for entry, (of_key, of_value) in zip(entries, owners):
        if not of_key and not (by_user and of_value):
            yield entry
