"""Writes docs/api/*.md from the protos: every service, message and enum, with its comments.

    .venv/bin/python scripts/api-reference.py [FOLDER]
"""

import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["portolan.tariff.v1", "portolan.sourcing.v1"]
SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in descriptor_pb2.FieldDescriptorProto.Type.items()
}
# Fields of descriptors by number, as a path of source info has them.
MESSAGES, ENUMS, SERVICES, FIELDS, NESTED, METHODS, VALUES = 4, 5, 6, 2, 3, 2, 2
REQUIRED = "Required. "


def descriptors():
    files = sorted(str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto/portolan").rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        arguments = [
            "protoc",
            f"--proto_path={ROOT / 'proto'}",
            f"--proto_path={resources.files('grpc_tools') / '_proto'}",
            "--include_source_info",
            f"--descriptor_set_out={out}",
            *files,
        ]
        if protoc.main(arguments) != 0:
            sys.exit("the protos do not compile")
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


class Page:
    """One package."""

    def __init__(self, package, files):
        self.package, self.lines, self.index = package, [], []
        self.files = files

    def text(self):
        for file in self.files:
            comments = {
                tuple(place.path): place.leading_comments or place.trailing_comments
                for place in file.source_code_info.location
            }
            for number, service in enumerate(file.service):
                self.service(service, comments, (SERVICES, number))
        for file in self.files:
            comments = {
                tuple(place.path): place.leading_comments or place.trailing_comments
                for place in file.source_code_info.location
            }
            for number, message in enumerate(file.message_type):
                self.message(message, comments, (MESSAGES, number), "")
            for number, enum in enumerate(file.enum_type):
                self.enum(enum, comments, (ENUMS, number), "")
        title = [f"# {self.package}", "", "Made from the protos by `scripts/api-reference.py`.", ""]
        return "\n".join([*title, " · ".join(self.index), "", *self.lines])

    def told(self, comments, path, *, in_cell=False):
        """A comment with its lines joined, but for those of a list and between paragraphs."""
        text = comments.get(path, "").strip().replace("<", "&lt;")
        parts = [""]
        for line in (line.strip() for line in text.splitlines()):
            if line.startswith("- ") or not line:
                parts.append(line)
            else:
                parts[-1] = f"{parts[-1]} {line}".strip()
        if in_cell:
            return "<br>".join(part for part in parts if part).replace("|", "\\|")
        text = ""
        for part in parts:
            listed = part.startswith("- ") and text.rpartition("\n")[2].startswith("- ")
            text += ("\n" if listed else "\n\n") + part
        return text.strip()

    def heading(self, kind, name, comments, path):
        self.index.append(f"[{name}](#{name.lower().replace('.', '')})")
        self.lines += [f"## {name}", "", f"*{kind}.* {self.told(comments, path)}", ""]

    def service(self, service, comments, path):
        self.heading("Service", service.name, comments, path)
        for number, method in enumerate(service.method):
            asks = "stream " if method.client_streaming else ""
            answers = "stream " if method.server_streaming else ""
            request, answer = self.link(method.input_type), self.link(method.output_type)
            text = self.told(comments, (*path, METHODS, number))
            signature = f"**{method.name}** ({asks}{request}) returns ({answers}{answer})"
            self.lines += [signature, "", text, ""]

    def link(self, name):
        name = name.removeprefix(".")
        package, _, short = name.rpartition(".")
        if package == self.package:
            return f"[{short}](#{short.lower()})"
        if package in PACKAGES:
            return f"[{short}]({package}.md#{short.lower()})"
        return name

    def message(self, message, comments, path, within):
        name = within + message.name
        self.heading("Message", name, comments, path)
        if message.field:
            self.lines += ["| field | type | |", "|---|---|---|"]
        for number, field in enumerate(message.field):
            kind = self.link(field.type_name) if field.type_name else SCALARS[field.type]
            if field.label == field.LABEL_REPEATED:
                kind = f"repeated {kind}"
            if field.HasField("oneof_index") and not field.proto3_optional:
                kind += f", one of `{message.oneof_decl[field.oneof_index].name}`"
            text = self.told(comments, (*path, FIELDS, number), in_cell=True)
            if text.startswith(REQUIRED):
                text = f"**Required.** {text.removeprefix(REQUIRED)}"
            self.lines.append(f"| `{field.name}` | {kind} | {text} |")
        self.lines.append("")
        for number, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                self.message(nested, comments, (*path, NESTED, number), f"{name}.")
        for number, enum in enumerate(message.enum_type):
            self.enum(enum, comments, (*path, ENUMS - 1, number), f"{name}.")

    def enum(self, enum, comments, path, within):
        self.heading("Enum", within + enum.name, comments, path)
        self.lines += ["| value | |", "|---|---|"]
        for number, value in enumerate(enum.value):
            text = self.told(comments, (*path, VALUES, number), in_cell=True)
            self.lines.append(f"| `{value.name}` = {value.number} | {text} |")
        self.lines.append("")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/api"
    folder.mkdir(parents=True, exist_ok=True)
    files = descriptors().file
    for package in PACKAGES:
        page = Page(package, [file for file in files if file.package == package])
        (folder / f"{package}.md").write_text(page.text())


if __name__ == "__main__":
    main()
