# SPDX-License-Identifier: LGPL-2.1-or-later
"""The functions of gpupass.h. ctypes lets other Python threads run while one of them works."""
from __future__ import annotations

import ctypes
import json
from collections.abc import Iterable
from typing import Any

from .errors import error_of

_Text = ctypes.c_void_p  # char *: ctypes would turn c_char_p into bytes, and nobody could free the text.
_Error = ctypes.POINTER(ctypes.c_void_p)
_Names = ctypes.POINTER(ctypes.c_char_p)
OnEvent = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

_pointer, _string = ctypes.c_void_p, ctypes.c_char_p
_FUNCTIONS: dict[str, tuple[Any, ...]] = {  # Name: result, arguments.
    "version": (_string,),
    "schema": (_string,),
    "free": (None, _pointer),
    "error_json": (_string, _pointer),
    "error_free": (None, _pointer),
    "open": (_pointer, _string, _Error),
    "close": (None, _pointer),
    "probe": (_pointer, _pointer, _string, _Names, _Error),
    "capture": (_Text, _pointer, _Error),
    "host_from_json": (_pointer, _string, _Error),
    "host_to_json": (_Text, _pointer, _Error),
    "after": (_pointer, _pointer, _string, _Error),
    "host_free": (None, _pointer),
    "select": (_Text, _pointer, _Names, _Error),
    "assess": (_Text, _pointer, _Error),
    "check": (_Text, _pointer, _Names, _Error),
    "check_domain": (_Text, _pointer, _string, _Error),
    "place": (_Text, _pointer, _string, _Error),
    "pack": (_Text, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t, _string, _string, _Error),
    "define": (_Text, _pointer, _string, _string, _Error),
    "state": (_Text, _pointer, _Error),
    "compare_state": (_Text, _pointer, _string, _Error),
    "plan_state": (_Text, _pointer, _string, _string, _Error),
    "plan_prepare": (_Text, _pointer, _string, _Error),
    "plan_tune": (_Text, _pointer, _string, _Error),
    "plan_quarantine": (_Text, _pointer, _Names, _string, _Error),
    "plan_slice_create": (_Text, _pointer, _string, _string, _Error),
    "plan_slice_destroy": (_Text, _pointer, _Names, _string, _Error),
    "plan_bind": (_Text, _pointer, _Names, _string, _Error),
    "plan_release": (_Text, _pointer, _Names, _string, _Error),
    "plan_define": (_Text, _pointer, _pointer, _string, _string, _Error),
    "plan_attach": (_Text, _pointer, _pointer, _string, _Names, _string, _Error),
    "plan_detach": (_Text, _pointer, _pointer, _string, _Names, _string, _Error),
    "plan_give": (_Text, _pointer, _pointer, _string, _Names, _string, _Error),
    "plan_take": (_Text, _pointer, _pointer, _string, _Names, _string, _Error),
    "plan_undo": (_Text, _pointer, _pointer, _string, _Error),
    "plan_recovery": (_Text, _pointer, _pointer, _string, _Error),
    "apply": (_Text, _pointer, _string, OnEvent, _pointer, _Error),
    "journal": (_Text, _pointer, _Error),
    "recover": (_Text, _pointer, _pointer, _string, OnEvent, _pointer, _Error),
    "render": (_Text, _pointer, _string, _string, _string, _Error),
}


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL("libgpupass.so.0")
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, "gpupass_" + name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()


def c_text(value: str | None) -> bytes | None:
    return None if value is None else value.encode("utf-8", "surrogateescape")


def c_names(names: Iterable[str]) -> Any:
    """An array that ends with NULL."""
    texts = [c_text(name) for name in names]
    return (ctypes.c_char_p * (len(texts) + 1))(*texts, None)


def c_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def pointer(name: str, *arguments: Any) -> int:
    """Calls a function that returns an object. Raises the error that it reports."""
    error = ctypes.c_void_p()
    result = getattr(library, "gpupass_" + name)(*arguments, ctypes.byref(error))
    if result is None:
        document = json.loads(library.gpupass_error_json(error))
        library.gpupass_error_free(error)
        raise error_of(document["error"])
    return int(result)


def text(name: str, *arguments: Any) -> str:
    """Calls a function that returns a text."""
    address = pointer(name, *arguments)
    try:
        return ctypes.string_at(address).decode("utf-8", "surrogateescape")
    finally:
        library.gpupass_free(address)


def document(name: str, *arguments: Any) -> Any:
    """Calls a function that returns a document, and takes the value out of it."""
    values = json.loads(text(name, *arguments))
    return next(value for key, value in values.items() if key != "format")
