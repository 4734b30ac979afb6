"""The protocol: an editor's messages in, answers and findings out, over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from rem_cli import __version__
from rem_cli.errors import RemError
from rem_cli.language import Finding, Severity
from rem_cli.lsp.complete import complete
from rem_cli.lsp.hover import hover
from rem_cli.lsp.places import definition
from rem_cli.lsp.repository import Repository, Seen, opened
from rem_cli.lsp.symbols import symbols
from rem_cli.lsp.text import Position, Text, protocol

_WATCHED = "**/packages/**"


def serve() -> None:
    """Speak with an editor until it has enough, or is gone."""
    logging.getLogger("pygls").addHandler(logging.NullHandler())  # what goes wrong is said in the protocol
    # Streams of its own: the library closes them.
    with ExitStack() as stack, os.fdopen(os.dup(0), "rb") as heard, os.fdopen(os.dup(1), "wb") as said:
        server(stack).start_io(heard, said)


class Desk:
    """The repositories that an editor has files of, and what it was told of them.

    A repository is checked in a thread, and resolved in one when its findings are told. What is typed meanwhile is seen
    by the next turn, however much it is: there is never more than one turn waiting, and no clock to wait for.
    """

    def __init__(self, editor: LanguageServer, stack: ExitStack) -> None:
        self.editor = editor
        self._stack = stack
        self._repositories: dict[Path, Repository] = {}
        self._turns: dict[Path, asyncio.Task[None]] = {}
        self._looks: dict[Path, asyncio.Future[Seen]] = {}
        self._again: set[Path] = set()
        self._told: dict[Path, set[str]] = {}
        self._uris: dict[str, str] = {}  # of an open file's path on disk, as its editor writes it
        self.versions: dict[str, int] = {}

    def find(self, uri: str) -> tuple[Repository, str] | None:
        """The repository of a document, and its path there; None for a file that is no package's."""
        file = to_fs_path(uri)
        folder = Path(file).parent if file else None
        if file is None or folder is None or not folder.is_dir():
            return None
        repository = next(
            (one for root, one in self._repositories.items() if folder.resolve().is_relative_to(root)), None
        )
        if repository is None:
            try:
                repository = opened(folder, self._stack)
            except RemError:
                return None
            self._repositories[repository.root] = repository
        path = repository.path(Path(file))
        return (repository, path) if path else None

    def shown(self, uri: str, text: str, version: int) -> None:
        """A document was opened or changed."""
        if found := self.find(uri):
            repository, path = found
            repository.open[path] = text
            self._uris[str(repository.file(path))] = uri
            self.versions[uri] = version
            self.turn(repository)

    def closed(self, uri: str) -> None:
        if found := self.find(uri):
            repository, path = found
            repository.open.pop(path, None)
            self.versions.pop(uri, None)
            self.turn(repository)

    def changed(self) -> None:
        """Something changed on disk."""
        for repository in self._repositories.values():
            self.turn(repository)

    def turn(self, repository: Repository) -> None:
        """Look at a repository now, or once more after the look that is under way."""
        self._again.add(repository.root)
        if repository.root not in self._turns:
            self._turns[repository.root] = asyncio.get_running_loop().create_task(self._look(repository))

    async def seen(self, uri: str) -> tuple[Repository, Seen, str] | None:
        """What is known of a document's repository, after the first look at it."""
        found = self.find(uri)
        if found is None:
            return None
        repository, path = found
        if repository.seen is None and repository.root in self._turns:
            await asyncio.shield(self._turns[repository.root])
        elif repository.root in self._looks:
            await asyncio.wait([self._looks[repository.root]])
        return (repository, repository.seen, path) if repository.seen else None

    async def _look(self, repository: Repository) -> None:
        try:
            while repository.root in self._again:
                self._again.discard(repository.root)
                texts, versions = dict(repository.open), dict(self.versions)
                try:
                    findings = await asyncio.to_thread(repository.check, texts)
                    if repository.open == texts:  # else its places are those of an older text; the next turn is near
                        self._tell(repository, findings, versions)
                    if repository.root in self._again and repository.seen:
                        continue  # not before the first look: the next text may be torn, and need what this one holds
                    look = asyncio.ensure_future(asyncio.to_thread(repository.look, texts))
                    self._looks[repository.root] = look
                    await look
                except RemError as error:
                    self._say(error.message)
                    continue
                except Exception as error:  # the session goes on: the next text may do without what went wrong
                    self._say(f"a bug in rem: {type(error).__name__}: {error}")
                    continue
                finally:
                    self._looks.pop(repository.root, None)
        finally:
            del self._turns[repository.root]

    def _say(self, text: str) -> None:
        self.editor.window_log_message(types.LogMessageParams(types.MessageType.Error, text))

    def _tell(
        self, repository: Repository, findings: Mapping[str, Sequence[Finding]], versions: Mapping[str, int]
    ) -> None:
        before = self._told.get(repository.root, set())
        self._told[repository.root] = set(findings)
        for path in sorted({*findings, *before, *repository.open}):
            file = str(repository.file(path))
            uri = self._uris.get(file) or from_fs_path(file)
            text = Text(repository.text(path)) if path in findings else Text("")
            found = [diagnostic(one, text) for one in findings.get(path, ())]
            self.editor.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found, version=versions.get(uri))
            )


def diagnostic(finding: Finding, text: Text) -> types.Diagnostic:
    """A finding for an editor: the message, and what to do about it."""
    start, end = text.span(finding.place)
    severe = finding.severity is Severity.ERROR
    hints = [finding.hint, finding.see]
    return types.Diagnostic(
        types.Range(protocol(start), protocol(end)),
        "\n".join([finding.message, *(hint for hint in hints if hint)]),
        severity=types.DiagnosticSeverity.Error if severe else types.DiagnosticSeverity.Warning,
        code=finding.id,
        source="rem",
    )


def server(stack: ExitStack) -> LanguageServer:
    """A server that knows nothing yet.

    Texts come whole with each change: YAML, Python and the protocol each count lines in their own way, and a change
    that is put into the wrong line would be worse than the bytes.
    """
    editor = LanguageServer("rem", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
    desk = Desk(editor, stack)
    _listen(editor, desk)
    _answer(editor, desk)
    return editor


def _listen(editor: LanguageServer, desk: Desk) -> None:
    @editor.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        watch = editor.client_capabilities.workspace
        if watch and watch.did_change_watched_files and watch.did_change_watched_files.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
            registration = types.Registration("packages", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            editor.client_register_capability(types.RegistrationParams([registration]))

    @editor.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        desk.shown(document.uri, document.text, document.version)

    @editor.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        if params.content_changes:
            desk.shown(params.text_document.uri, params.content_changes[-1].text, params.text_document.version)

    @editor.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        desk.changed()

    @editor.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        desk.closed(params.text_document.uri)

    @editor.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        desk.changed()


def _answer(editor: LanguageServer, desk: Desk) -> None:
    triggers = types.CompletionOptions(trigger_characters=[" ", "{", "[", "/", "@"])

    @editor.feature(types.TEXT_DOCUMENT_COMPLETION, triggers)
    async def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        known = await desk.seen(params.text_document.uri)
        return complete(*known, _position(params.position), snippets=_fills_blanks(editor)) if known else []

    @editor.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        known = await desk.seen(params.text_document.uri)
        return hover(*known, _position(params.position)) if known else None

    @editor.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def defined(params: types.DefinitionParams) -> types.Location | None:
        known = await desk.seen(params.text_document.uri)
        return definition(*known, _position(params.position)) if known else None

    @editor.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def outlined(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        known = await desk.seen(params.text_document.uri)
        return symbols(*known) if known else []


def _position(position: types.Position) -> Position:
    return Position(position.line, position.character)


def _fills_blanks(editor: LanguageServer) -> bool:
    able = editor.client_capabilities.text_document
    item = able.completion.completion_item if able and able.completion else None
    return bool(item and item.snippet_support)
