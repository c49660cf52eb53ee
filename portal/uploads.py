"""Uploads are kept in memory and small: no form of ours takes a large file, and none reaches the disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

KEPT = 1024 * 1024  # bytes; a form that sees a larger size refuses the file and keeps what was typed
REFUSED = 200 * 1024 * 1024  # bytes; a longer request is not read at all


class SmallFiles(FileUploadHandler):
    """Reads a larger file to its end without keeping it, so that the browser gets its answer."""

    def handle_raw_input(self, *arguments: Any, **named: Any) -> None:
        _input, _meta, content_length, *_rest = arguments
        if content_length > REFUSED:
            raise RequestDataTooBig("The request is too long to be read to its end.")

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self._content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start < KEPT:
            self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )
