"""What akin answers.

Made by tools/generate.py from web/openapi.json: change that, and run it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from . import _methods as methods

__all__ = ["AddedFile", "Advice", "BegunSpace", "Bias", "BiasPair", "Check", "Checks", "CollectionDisagreement", "CollectionInfo", "CollectionName", "Comparison", "ContextPair", "ContextReport", "Crop", "Disagreement", "DisputedHit", "DisputedPicture", "Duplicate", "DuplicateCalibration", "DuplicateEvidence", "DuplicateGroup", "DuplicateMove", "DuplicatePixels", "Duplicates", "Evaluation", "Explained", "FacetValue", "Facets", "Failure", "Filter", "Folder", "FolderCount", "FolderList", "Fusion", "GroupEvaluation", "GroupSummary", "Heat", "HeldOut", "Histogram", "Hit", "IndexReport", "Job", "Label", "List", "Map", "MapCluster", "MapPicture", "Match", "MatchLines", "MatchShown", "MatchSide", "Matching", "Metadata", "ModelAdvice", "ModelInfo", "ModelKind", "Models", "Pair", "PairRanks", "PairedTest", "Part", "PartGroup", "Parts", "PartsIndexed", "PartsSearched", "Picture", "PictureInfo", "PictureList", "Position", "ProbeChange", "ProbeReport", "Probed", "Problem", "ProblemDetail", "Progress", "PullReport", "Reaction", "RegionsIndexed", "RemoveReport", "RemovedCollection", "RemovedCopy", "RestoreReport", "RestoredCopy", "Result", "Reviewed", "Row", "SearchFusion", "SearchTerm", "Selection", "SpaceInfo", "StoredVectors", "Subfolder", "Summary", "TagInfo", "TagReport", "Tags", "Term", "Triplet", "TripletEvaluation", "TripletSummary", "Understood", "Upload", "VectorFile", "Verified", "Version"]


@dataclass(frozen=True, kw_only=True)
class AddedFile(methods.Record):
    """AddedFile, as the API's description has it.

    - ``folder``: The folder to index for it: the first of the path that was asked for, or that of the collection
    - ``known``: It was there already
    - ``path``: The file, on the server's machine
    """

    folder: str
    known: bool
    path: str

    @classmethod
    def _of(cls, d: Any) -> AddedFile:
        return cls(
            folder=d['folder'],
            known=d['known'],
            path=d['path'],
        )


@dataclass(frozen=True, kw_only=True)
class Advice(methods.Record):
    """Advice, as the API's description has it."""

    by: str
    fused: ModelAdvice | None = None
    held_out: HeldOut | None = None
    missing: list[str] = field(default_factory=list)
    models: list[ModelAdvice]
    queries: int
    skipped: list[Failure] = field(default_factory=list)
    words: list[str]

    @classmethod
    def _of(cls, d: Any) -> Advice:
        return cls(
            by=d['by'],
            fused=ModelAdvice._of(d.get('fused')) if d.get('fused') is not None else None,
            held_out=HeldOut._of(d.get('held_out')) if d.get('held_out') is not None else None,
            missing=list(d.get('missing') or ()),
            models=[ModelAdvice._of(x) for x in d['models'] or ()],
            queries=d['queries'],
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
            words=list(d['words'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class BegunSpace(methods.Record):
    """BegunSpace, as the API's description has it.

    - ``cosine``: the least cosine to the same embeddings in fp32, of sample pictures on this machine
    """

    cosine: float
    model: str
    precision: str

    @classmethod
    def _of(cls, d: Any) -> BegunSpace:
        return cls(
            cosine=d['cosine'],
            model=d['model'],
            precision=d['precision'],
        )


@dataclass(frozen=True, kw_only=True)
class Bias(methods.Record):
    """Bias, as the API's description has it."""

    language: list[str]
    missing: list[str] = field(default_factory=list)
    pairs: list[BiasPair]
    pictures: int
    sample: bool
    visual: list[str]

    @classmethod
    def _of(cls, d: Any) -> Bias:
        return cls(
            language=list(d['language'] or ()),
            missing=list(d.get('missing') or ()),
            pairs=[BiasPair._of(x) for x in d['pairs'] or ()],
            pictures=d['pictures'],
            sample=d['sample'],
            visual=list(d['visual'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class BiasPair(methods.Record):
    """BiasPair, as the API's description has it."""

    a: str
    b: str
    chance: float
    fdr: float
    language: float
    ranks: dict[str, list[int]]
    ratio: float
    visual: float

    @classmethod
    def _of(cls, d: Any) -> BiasPair:
        return cls(
            a=d['a'],
            b=d['b'],
            chance=d['chance'],
            fdr=d['fdr'],
            language=d['language'],
            ranks={k: list(x or ()) for k, x in (d['ranks'] or {}).items()},
            ratio=d['ratio'],
            visual=d['visual'],
        )


@dataclass(frozen=True, kw_only=True)
class Check(methods.Record):
    """Check, as the API's description has it."""

    found: str
    needed: bool
    ok: bool
    what: str

    @classmethod
    def _of(cls, d: Any) -> Check:
        return cls(
            found=d['found'],
            needed=d['needed'],
            ok=d['ok'],
            what=d['what'],
        )


@dataclass(frozen=True, kw_only=True)
class Checks(methods.Record):
    """Checks, as the API's description has it."""

    checks: list[Check]

    @classmethod
    def _of(cls, d: Any) -> Checks:
        return cls(
            checks=[Check._of(x) for x in d['checks'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class CollectionDisagreement(methods.Record):
    """CollectionDisagreement, as the API's description has it."""

    disputed: list[DisputedPicture]
    models: list[str]
    overlap: list[list[float]]
    pictures: int
    top: int

    @classmethod
    def _of(cls, d: Any) -> CollectionDisagreement:
        return cls(
            disputed=[DisputedPicture._of(x) for x in d['disputed'] or ()],
            models=list(d['models'] or ()),
            overlap=[list(x or ()) for x in d['overlap'] or ()],
            pictures=d['pictures'],
            top=d['top'],
        )


@dataclass(frozen=True, kw_only=True)
class CollectionInfo(methods.Record):
    """CollectionInfo, as the API's description has it.

    - ``error``: Why the collection cannot be read. The other fields are empty then
    """

    collection: str
    default_model: str
    error: str | None = None
    failed: int
    failures: list[Failure] = field(default_factory=list)
    folders: list[Folder]
    kinds: list[ModelKind]
    models: list[str]
    name: str
    parts: int | None = None
    pictures: int
    regions: list[str] = field(default_factory=list)
    spaces: list[SpaceInfo]
    text_models: list[str]

    @classmethod
    def _of(cls, d: Any) -> CollectionInfo:
        return cls(
            collection=d['collection'],
            default_model=d['default_model'],
            error=d.get('error'),
            failed=d['failed'],
            failures=[Failure._of(x) for x in d.get('failures') or ()],
            folders=[Folder._of(x) for x in d['folders'] or ()],
            kinds=[ModelKind._of(x) for x in d['kinds'] or ()],
            models=list(d['models'] or ()),
            name=d['name'],
            parts=d.get('parts'),
            pictures=d['pictures'],
            regions=list(d.get('regions') or ()),
            spaces=[SpaceInfo._of(x) for x in d['spaces'] or ()],
            text_models=list(d['text_models'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class CollectionName(methods.Record):
    """CollectionName, as the API's description has it."""

    name: str

    @classmethod
    def _of(cls, d: Any) -> CollectionName:
        return cls(
            name=d['name'],
        )


@dataclass(frozen=True, kw_only=True)
class Comparison(methods.Comparison):
    """Comparison, as the API's description has it."""

    fusion: Fusion
    missing: list[str] = field(default_factory=list)
    overlap: list[list[float]]
    query: list[Term]
    rows: list[Row]
    skipped: list[Failure] = field(default_factory=list)

    @classmethod
    def _of(cls, d: Any) -> Comparison:
        return cls(
            fusion=Fusion._of(d['fusion']),
            missing=list(d.get('missing') or ()),
            overlap=[list(x or ()) for x in d['overlap'] or ()],
            query=[Term._of(x) for x in d['query'] or ()],
            rows=[Row._of(x) for x in d['rows'] or ()],
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
        )


@dataclass(frozen=True, kw_only=True)
class ContextPair(methods.Record):
    """ContextPair, as the API's description has it."""

    a: str
    b: str
    ranks: dict[str, dict[str, list[int]]]

    @classmethod
    def _of(cls, d: Any) -> ContextPair:
        return cls(
            a=d['a'],
            b=d['b'],
            ranks={k: {k: list(x or ()) for k, x in (x or {}).items()} for k, x in (d['ranks'] or {}).items()},
        )


@dataclass(frozen=True, kw_only=True)
class ContextReport(methods.Record):
    """ContextReport, as the API's description has it."""

    failed: list[Failure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    models: list[str]
    pairs: list[ContextPair]
    pictures: int
    skipped: list[Failure] = field(default_factory=list)
    without: list[str]

    @classmethod
    def _of(cls, d: Any) -> ContextReport:
        return cls(
            failed=[Failure._of(x) for x in d.get('failed') or ()],
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            pairs=[ContextPair._of(x) for x in d['pairs'] or ()],
            pictures=d['pictures'],
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
            without=list(d['without'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class Crop(methods.Record):
    """Crop, as the API's description has it."""

    height: float
    relative: bool = False
    width: float
    x: float
    y: float

    @classmethod
    def _of(cls, d: Any) -> Crop:
        return cls(
            height=d['height'],
            relative=d.get('relative', False),
            width=d['width'],
            x=d['x'],
            y=d['y'],
        )


@dataclass(frozen=True, kw_only=True)
class Disagreement(methods.Record):
    """Disagreement, as the API's description has it."""

    hits: list[DisputedHit]
    missing: list[str] = field(default_factory=list)
    models: list[str]
    overlap: list[list[float]]
    query: list[Term]
    rank_biased_overlap: list[list[float]]
    skipped: list[Failure] = field(default_factory=list)
    top: int

    @classmethod
    def _of(cls, d: Any) -> Disagreement:
        return cls(
            hits=[DisputedHit._of(x) for x in d['hits'] or ()],
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            overlap=[list(x or ()) for x in d['overlap'] or ()],
            query=[Term._of(x) for x in d['query'] or ()],
            rank_biased_overlap=[list(x or ()) for x in d['rank_biased_overlap'] or ()],
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
            top=d['top'],
        )


@dataclass(frozen=True, kw_only=True)
class DisputedHit(methods.Record):
    """DisputedHit, as the API's description has it."""

    alone: str | None = None
    name: str
    ranks: dict[str, int]
    source: str

    @classmethod
    def _of(cls, d: Any) -> DisputedHit:
        return cls(
            alone=d.get('alone'),
            name=d['name'],
            ranks=dict(d['ranks'] or {}),
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class DisputedPicture(methods.Record):
    """DisputedPicture, as the API's description has it."""

    agreement: float
    name: str
    nearest: dict[str, list[str]]
    source: str

    @classmethod
    def _of(cls, d: Any) -> DisputedPicture:
        return cls(
            agreement=d['agreement'],
            name=d['name'],
            nearest={k: list(x or ()) for k, x in (d['nearest'] or {}).items()},
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class Duplicate(methods.Record):
    """Duplicate, as the API's description has it."""

    best: bool
    better: bool = False
    bytes: int
    chosen: bool = False
    evidence: DuplicateEvidence | None = None
    format: str
    height: int
    kind: str | None = None
    link: str | None = None
    name: str
    reference: bool = False
    remove: bool
    reviewed: bool = False
    sha256: str
    sharpness: float | None = None
    source: str
    width: int

    @classmethod
    def _of(cls, d: Any) -> Duplicate:
        return cls(
            best=d['best'],
            better=d.get('better', False),
            bytes=d['bytes'],
            chosen=d.get('chosen', False),
            evidence=DuplicateEvidence._of(d.get('evidence')) if d.get('evidence') is not None else None,
            format=d['format'],
            height=d['height'],
            kind=d.get('kind'),
            link=d.get('link'),
            name=d['name'],
            reference=d.get('reference', False),
            remove=d['remove'],
            reviewed=d.get('reviewed', False),
            sha256=d['sha256'],
            sharpness=d.get('sharpness'),
            source=d['source'],
            width=d['width'],
        )


@dataclass(frozen=True, kw_only=True)
class DuplicateCalibration(methods.Record):
    """DuplicateCalibration, as the API's description has it."""

    changed: int
    families: int
    found: float
    held_out: int
    limit: float
    made: int
    mistaken: int
    pictures: int
    sharpness: float
    tolerance: DuplicateEvidence
    unembedded: str | None = None
    within: float
    wrong: float
    wrong_most: float

    @classmethod
    def _of(cls, d: Any) -> DuplicateCalibration:
        return cls(
            changed=d['changed'],
            families=d['families'],
            found=d['found'],
            held_out=d['held_out'],
            limit=d['limit'],
            made=d['made'],
            mistaken=d['mistaken'],
            pictures=d['pictures'],
            sharpness=d['sharpness'],
            tolerance=DuplicateEvidence._of(d['tolerance']),
            unembedded=d.get('unembedded'),
            within=d['within'],
            wrong=d['wrong'],
            wrong_most=d['wrong_most'],
        )


@dataclass(frozen=True, kw_only=True)
class DuplicateEvidence(methods.Record):
    """DuplicateEvidence, as the API's description has it."""

    aspect: float
    cast: float
    chance: float | None = None
    difference: float
    distance: float
    hash_bits: int
    pixels: DuplicatePixels | None = None
    proposed: float | None = None
    score: float | None = None
    turn: str | None = None

    @classmethod
    def _of(cls, d: Any) -> DuplicateEvidence:
        return cls(
            aspect=d['aspect'],
            cast=d['cast'],
            chance=d.get('chance'),
            difference=d['difference'],
            distance=d['distance'],
            hash_bits=d['hash_bits'],
            pixels=DuplicatePixels._of(d.get('pixels')) if d.get('pixels') is not None else None,
            proposed=d.get('proposed'),
            score=d.get('score'),
            turn=d.get('turn'),
        )


@dataclass(frozen=True, kw_only=True)
class DuplicateGroup(methods.Record):
    """DuplicateGroup, as the API's description has it."""

    copies: list[Duplicate]
    id: str
    kind: str
    unsure: bool = False
    why: str

    @classmethod
    def _of(cls, d: Any) -> DuplicateGroup:
        return cls(
            copies=[Duplicate._of(x) for x in d['copies'] or ()],
            id=d['id'],
            kind=d['kind'],
            unsure=d.get('unsure', False),
            why=d['why'],
        )


@dataclass(frozen=True, kw_only=True)
class DuplicateMove(methods.Record):
    """DuplicateMove, as the API's description has it.

    - ``kept``: The path of its duplicate that stays
    - ``source``: The path of the file to move
    """

    kept: str
    source: str

    @classmethod
    def _of(cls, d: Any) -> DuplicateMove:
        return cls(
            kept=d['kept'],
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class DuplicatePixels(methods.Record):
    """DuplicatePixels, as the API's description has it."""

    at: list[int] = field(default_factory=list)
    detail: float | None = None
    differs: float
    grain: float | None = None
    overlap: float
    tone: float | None = None
    verdict: str
    why: str | None = None

    @classmethod
    def _of(cls, d: Any) -> DuplicatePixels:
        return cls(
            at=list(d.get('at') or ()),
            detail=d.get('detail'),
            differs=d['differs'],
            grain=d.get('grain'),
            overlap=d['overlap'],
            tone=d.get('tone'),
            verdict=d['verdict'],
            why=d.get('why'),
        )


@dataclass(frozen=True, kw_only=True)
class Duplicates(methods.Duplicates):
    """Duplicates, as the API's description has it."""

    blank: list[str] = field(default_factory=list)
    bytes: int
    calibration: DuplicateCalibration | None = None
    failed: list[Failure] = field(default_factory=list)
    groups: list[DuplicateGroup]
    model: str
    pictures: int
    remote_only: int | None = None
    remove: int
    reviewed: int
    series: list[DuplicateGroup] = field(default_factory=list)

    @classmethod
    def _of(cls, d: Any) -> Duplicates:
        return cls(
            blank=list(d.get('blank') or ()),
            bytes=d['bytes'],
            calibration=DuplicateCalibration._of(d.get('calibration')) if d.get('calibration') is not None else None,
            failed=[Failure._of(x) for x in d.get('failed') or ()],
            groups=[DuplicateGroup._of(x) for x in d['groups'] or ()],
            model=d['model'],
            pictures=d['pictures'],
            remote_only=d.get('remote_only'),
            remove=d['remove'],
            reviewed=d['reviewed'],
            series=[DuplicateGroup._of(x) for x in d.get('series') or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Evaluation(methods.Evaluation):
    """Evaluation, as the API's description has it."""

    held_out: HeldOut | None = None
    missing: list[str] = field(default_factory=list)
    models: list[str]
    pairs: list[PairRanks]
    rows: int
    summary: dict[str, Summary]
    tests: list[PairedTest]

    @classmethod
    def _of(cls, d: Any) -> Evaluation:
        return cls(
            held_out=HeldOut._of(d.get('held_out')) if d.get('held_out') is not None else None,
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            pairs=[PairRanks._of(x) for x in d['pairs'] or ()],
            rows=d['rows'],
            summary={k: Summary._of(x) for k, x in (d['summary'] or {}).items()},
            tests=[PairedTest._of(x) for x in d['tests'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Explained(methods.Record):
    """Explained, as the API's description has it.

    - ``exact``: Whether the values of each map sum to the score
    - ``high``: The value at the light end
    - ``low``: The value at the dark end of the heat maps' colours
    - ``score``: Cosine
    """

    a: Heat
    b: Heat
    exact: bool
    high: float
    low: float
    method: Literal["places", "tokens", "occlusion"]
    model: str
    score: float

    @classmethod
    def _of(cls, d: Any) -> Explained:
        return cls(
            a=Heat._of(d['a']),
            b=Heat._of(d['b']),
            exact=d['exact'],
            high=d['high'],
            low=d['low'],
            method=d['method'],
            model=d['model'],
            score=d['score'],
        )


@dataclass(frozen=True, kw_only=True)
class FacetValue(methods.Record):
    """FacetValue, as the API's description has it."""

    pictures: int
    value: str

    @classmethod
    def _of(cls, d: Any) -> FacetValue:
        return cls(
            pictures=d['pictures'],
            value=d['value'],
        )


@dataclass(frozen=True, kw_only=True)
class Facets(methods.Record):
    """Facets, as the API's description has it.

    - ``captioned``: Pictures with a title or a caption
    - ``located``: Pictures that tell where they were taken
    - ``ratings``: Stars, 5 to 1, and -1 for rejected pictures
    - ``years``: Of the dates that filters and sorting go by, the last first
    """

    cameras: list[FacetValue]
    captioned: int
    keywords: list[FacetValue]
    labels: list[FacetValue]
    lenses: list[FacetValue]
    located: int
    ratings: list[FacetValue]
    years: list[FacetValue]

    @classmethod
    def _of(cls, d: Any) -> Facets:
        return cls(
            cameras=[FacetValue._of(x) for x in d['cameras'] or ()],
            captioned=d['captioned'],
            keywords=[FacetValue._of(x) for x in d['keywords'] or ()],
            labels=[FacetValue._of(x) for x in d['labels'] or ()],
            lenses=[FacetValue._of(x) for x in d['lenses'] or ()],
            located=d['located'],
            ratings=[FacetValue._of(x) for x in d['ratings'] or ()],
            years=[FacetValue._of(x) for x in d['years'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Failure(methods.Record):
    """Failure, as the API's description has it."""

    error: str
    source: str

    @classmethod
    def _of(cls, d: Any) -> Failure:
        return cls(
            error=d['error'],
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class Filter(methods.Record):
    """Filter, as the API's description has it.

    - ``after``: Only pictures taken in this year, month or day or later, or at this time or later
    - ``before``: Only pictures taken before this year, month, day or time
    - ``box``: South, west, north and east in degrees: only pictures taken in that area
    - ``cameras``: Make and model, or globs of them, one of which must match
    - ``captions``: Words of the title or caption, or beginnings of words, all of which must be there
    - ``keywords``: Keywords, or globs, all of which must match
    - ``labels``: Colour labels, or globs, one of which must match
    - ``lenses``: Names of lenses, or globs, one of which must match
    - ``names``: Globs, one of which must match the name or path
    - ``near``: Latitude, longitude and kilometres: only pictures taken so near to that place
    - ``not_tags``: No pictures that have any of these tags
    - ``only``: Only pictures with these names or sources
    - ``rating``: Only pictures with at least so many stars
    - ``tags``: Only pictures that have all of these tags
    - ``taken``: Only pictures taken in this year, month or day
    - ``under``: Only pictures whose source lies under this folder or address
    """

    after: str | None = None
    before: str | None = None
    box: list[float] = field(default_factory=list)
    cameras: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    lenses: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    near: list[float] = field(default_factory=list)
    not_tags: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    rating: int | None = None
    tags: list[str] = field(default_factory=list)
    taken: str | None = None
    under: str | None = None

    @classmethod
    def _of(cls, d: Any) -> Filter:
        return cls(
            after=d.get('after'),
            before=d.get('before'),
            box=list(d.get('box') or ()),
            cameras=list(d.get('cameras') or ()),
            captions=list(d.get('captions') or ()),
            keywords=list(d.get('keywords') or ()),
            labels=list(d.get('labels') or ()),
            lenses=list(d.get('lenses') or ()),
            names=list(d.get('names') or ()),
            near=list(d.get('near') or ()),
            not_tags=list(d.get('not_tags') or ()),
            only=list(d.get('only') or ()),
            rating=d.get('rating'),
            tags=list(d.get('tags') or ()),
            taken=d.get('taken'),
            under=d.get('under'),
        )


@dataclass(frozen=True, kw_only=True)
class Folder(methods.Record):
    """Folder, as the API's description has it."""

    path: str
    pictures: int

    @classmethod
    def _of(cls, d: Any) -> Folder:
        return cls(
            path=d['path'],
            pictures=d['pictures'],
        )


@dataclass(frozen=True, kw_only=True)
class FolderCount(methods.Record):
    """FolderCount, as the API's description has it.

    - ``bytes``: Of those files
    - ``more``: Counting took too long: there are more
    - ``pictures``: Files that end as those of pictures do
    """

    bytes: int
    more: bool = False
    pictures: int

    @classmethod
    def _of(cls, d: Any) -> FolderCount:
        return cls(
            bytes=d['bytes'],
            more=d.get('more', False),
            pictures=d['pictures'],
        )


@dataclass(frozen=True, kw_only=True)
class FolderList(methods.Record):
    """FolderList, as the API's description has it.

    - ``adds``: Whether clients may add pictures of their own
    - ``more``: It holds more than is listed
    - ``parent``: The folder that it lies in, if that may be listed too
    - ``path``: The folder; empty where these are places to begin
    - ``pictures``: Files directly in it that end as those of pictures do
    """

    adds: bool
    folders: list[Subfolder]
    more: bool = False
    parent: str | None = None
    path: str
    pictures: int

    @classmethod
    def _of(cls, d: Any) -> FolderList:
        return cls(
            adds=d['adds'],
            folders=[Subfolder._of(x) for x in d['folders'] or ()],
            more=d.get('more', False),
            parent=d.get('parent'),
            path=d['path'],
            pictures=d['pictures'],
        )


@dataclass(frozen=True, kw_only=True)
class Fusion(methods.Record):
    """Fusion, as the API's description has it."""

    method: str
    weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def _of(cls, d: Any) -> Fusion:
        return cls(
            method=d['method'],
            weights=dict(d.get('weights') or {}),
        )


@dataclass(frozen=True, kw_only=True)
class GroupEvaluation(methods.GroupEvaluation):
    """GroupEvaluation, as the API's description has it."""

    groups: int
    held_out: HeldOut | None = None
    missing: list[str] = field(default_factory=list)
    models: list[str]
    summary: dict[str, GroupSummary]
    tests: list[PairedTest]

    @classmethod
    def _of(cls, d: Any) -> GroupEvaluation:
        return cls(
            groups=d['groups'],
            held_out=HeldOut._of(d.get('held_out')) if d.get('held_out') is not None else None,
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            summary={k: GroupSummary._of(x) for k, x in (d['summary'] or {}).items()},
            tests=[PairedTest._of(x) for x in d['tests'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class GroupSummary(methods.Record):
    """GroupSummary, as the API's description has it."""

    map: float
    map_at_r: float
    map_interval: list[float]
    queries: int
    r_precision: float
    r_precision_interval: list[float]
    recall_at_1: float
    recall_at_10: float
    recall_at_1_interval: list[float]
    recall_at_5: float

    @classmethod
    def _of(cls, d: Any) -> GroupSummary:
        return cls(
            map=d['map'],
            map_at_r=d['map@r'],
            map_interval=list(d['map_interval'] or ()),
            queries=d['queries'],
            r_precision=d['r_precision'],
            r_precision_interval=list(d['r_precision_interval'] or ()),
            recall_at_1=d['recall@1'],
            recall_at_10=d['recall@10'],
            recall_at_1_interval=list(d['recall@1_interval'] or ()),
            recall_at_5=d['recall@5'],
        )


@dataclass(frozen=True, kw_only=True)
class Heat(methods.Record):
    """Heat, as the API's description has it.

    - ``heat``: The heat map alone as a data: URL, of the same size
    - ``picture``: The picture as a data: URL, at most 512 pixels a side
    """

    columns: int
    heat: str
    picture: str
    picture_height: int
    picture_width: int
    rows: int
    seen: list[float]
    source: str
    sum: float
    values: list[list[float]]

    @classmethod
    def _of(cls, d: Any) -> Heat:
        return cls(
            columns=d['columns'],
            heat=d['heat'],
            picture=d['picture'],
            picture_height=d['picture_height'],
            picture_width=d['picture_width'],
            rows=d['rows'],
            seen=list(d['seen'] or ()),
            source=d['source'],
            sum=d['sum'],
            values=[list(x or ()) for x in d['values'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class HeldOut(methods.Record):
    """HeldOut, as the API's description has it.

    - ``best``: the mean of the best model, chosen on the others
    - ``model``: the best one on all groups or rows
    - ``p``: of their difference, by a paired permutation test
    """

    best: float
    fused: float
    model: str
    p: float

    @classmethod
    def _of(cls, d: Any) -> HeldOut:
        return cls(
            best=d['best'],
            fused=d['fused'],
            model=d['model'],
            p=d['p'],
        )


@dataclass(frozen=True, kw_only=True)
class Histogram(methods.Record):
    """Histogram, as the API's description has it."""

    counts: list[int]
    high: float
    low: float

    @classmethod
    def _of(cls, d: Any) -> Histogram:
        return cls(
            counts=list(d['counts'] or ()),
            high=d['high'],
            low=d['low'],
        )


@dataclass(frozen=True, kw_only=True)
class Hit(methods.Hit):
    """Hit, as the API's description has it.

    - ``box``: The region that is most like the query, of a search in regions: x, y, width and height in pixels of the upright picture
    - ``by_luck``: How many of the pictures asked are as close by luck: an expected number
    - ``chance``: The share of random pairs of this model's space that score at least as high
    - ``grade``: same: the pixels were compared; near, related: more than luck; weak: luck explains it
    - ``height``: Of the picture, upright, in pixels
    - ``match``: The part that the query and this picture are proven to have in common; a is the query
    - ``metadata``: What the picture's file and sidecar told when it was indexed
    - ``same_pixels``: The pixels of query and hit were compared and show the same picture, or their bytes are equal
    - ``width``: Of the picture, upright, in pixels
    """

    box: list[float] = field(default_factory=list)
    by_luck: float | None = None
    chance: float | None = None
    folded: list[Hit] = field(default_factory=list)
    grade: Literal["same", "near", "related", "weak"] | None = None
    height: int | None = None
    match: Match | None = None
    metadata: Metadata | None = None
    name: str
    rank: int
    same_pixels: bool = False
    score: float
    source: str
    width: int | None = None

    @classmethod
    def _of(cls, d: Any) -> Hit:
        return cls(
            box=list(d.get('box') or ()),
            by_luck=d.get('by_luck'),
            chance=d.get('chance'),
            folded=[Hit._of(x) for x in d.get('folded') or ()],
            grade=d.get('grade'),
            height=d.get('height'),
            match=Match._of(d.get('match')) if d.get('match') is not None else None,
            metadata=Metadata._of(d.get('metadata')) if d.get('metadata') is not None else None,
            name=d['name'],
            rank=d['rank'],
            same_pixels=d.get('same_pixels', False),
            score=d['score'],
            source=d['source'],
            width=d.get('width'),
        )


@dataclass(frozen=True, kw_only=True)
class IndexReport(methods.Record):
    """IndexReport, as the API's description has it."""

    added: int
    background: str
    begun: list[BegunSpace] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    changed: int
    collection: str
    colour: str
    decode: str
    decoded: int
    embedded: int
    failed: list[Failure]
    linked: list[str] = field(default_factory=list)
    lists: list[Understood] = field(default_factory=list)
    missing: int
    models: list[str]
    other: dict[str, int] = field(default_factory=dict)
    parts: PartsIndexed | None = None
    reduced: int
    regions: list[RegionsIndexed] = field(default_factory=list)
    removed: int
    renamed: int
    seconds: float
    tagged: int
    transparent: int | None = None
    unchanged: int
    unreadable: int

    @classmethod
    def _of(cls, d: Any) -> IndexReport:
        return cls(
            added=d['added'],
            background=d['background'],
            begun=[BegunSpace._of(x) for x in d.get('begun') or ()],
            blank=list(d.get('blank') or ()),
            changed=d['changed'],
            collection=d['collection'],
            colour=d['colour'],
            decode=d['decode'],
            decoded=d['decoded'],
            embedded=d['embedded'],
            failed=[Failure._of(x) for x in d['failed'] or ()],
            linked=list(d.get('linked') or ()),
            lists=[Understood._of(x) for x in d.get('lists') or ()],
            missing=d['missing'],
            models=list(d['models'] or ()),
            other=dict(d.get('other') or {}),
            parts=PartsIndexed._of(d.get('parts')) if d.get('parts') is not None else None,
            reduced=d['reduced'],
            regions=[RegionsIndexed._of(x) for x in d.get('regions') or ()],
            removed=d['removed'],
            renamed=d['renamed'],
            seconds=d['seconds'],
            tagged=d['tagged'],
            transparent=d.get('transparent'),
            unchanged=d['unchanged'],
            unreadable=d['unreadable'],
        )


@dataclass(frozen=True, kw_only=True)
class Job(methods.Record):
    """Job, as the API's description has it.

    - ``result``: The result, once the job is done
    """

    collection: str | None = None
    created: str
    error: Problem | None = None
    finished: str | None = None
    id: str
    kind: str
    progress: Progress
    result: Any | None = None
    started: str | None = None
    state: Literal["queued", "running", "done", "failed", "cancelled"]

    @classmethod
    def _of(cls, d: Any) -> Job:
        return cls(
            collection=d.get('collection'),
            created=d['created'],
            error=Problem._of(d.get('error')) if d.get('error') is not None else None,
            finished=d.get('finished'),
            id=d['id'],
            kind=d['kind'],
            progress=Progress._of(d['progress']),
            result=d.get('result'),
            started=d.get('started'),
            state=d['state'],
        )


@dataclass(frozen=True, kw_only=True)
class Label(methods.Record):
    """Label, as the API's description has it."""

    group: str
    name: str

    @classmethod
    def _of(cls, d: Any) -> Label:
        return cls(
            group=d['group'],
            name=d['name'],
        )


@dataclass(frozen=True, kw_only=True)
class List(methods.Record):
    """List, as the API's description has it."""

    jobs: list[Job]

    @classmethod
    def _of(cls, d: Any) -> List:
        return cls(
            jobs=[Job._of(x) for x in d['jobs'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Map(methods.Map):
    """Map, as the API's description has it."""

    clusters: list[MapCluster]
    current: bool
    fresh: bool
    kept: bool
    missing: list[str] = field(default_factory=list)
    models: list[str]
    pictures: list[MapPicture]
    placed: int
    unplaced: int | None = None

    @classmethod
    def _of(cls, d: Any) -> Map:
        return cls(
            clusters=[MapCluster._of(x) for x in d['clusters'] or ()],
            current=d['current'],
            fresh=d['fresh'],
            kept=d['kept'],
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            pictures=[MapPicture._of(x) for x in d['pictures'] or ()],
            placed=d['placed'],
            unplaced=d.get('unplaced'),
        )


@dataclass(frozen=True, kw_only=True)
class MapCluster(methods.Record):
    """MapCluster, as the API's description has it."""

    center: Picture
    cluster: int
    size: int
    words: str | None = None
    x: float
    y: float

    @classmethod
    def _of(cls, d: Any) -> MapCluster:
        return cls(
            center=Picture._of(d['center']),
            cluster=d['cluster'],
            size=d['size'],
            words=d.get('words'),
            x=d['x'],
            y=d['y'],
        )


@dataclass(frozen=True, kw_only=True)
class MapPicture(methods.Record):
    """MapPicture, as the API's description has it."""

    cluster: int
    name: str
    source: str
    x: float
    y: float

    @classmethod
    def _of(cls, d: Any) -> MapPicture:
        return cls(
            cluster=d['cluster'],
            name=d['name'],
            source=d['source'],
            x=d['x'],
            y=d['y'],
        )


@dataclass(frozen=True, kw_only=True)
class Match(methods.Record):
    """Match, as the API's description has it."""

    box_a: list[float]
    box_b: list[float]
    expected_false: float
    inliers: int
    transform: list[list[float]]

    @classmethod
    def _of(cls, d: Any) -> Match:
        return cls(
            box_a=list(d['box_a'] or ()),
            box_b=list(d['box_b'] or ()),
            expected_false=d['expected_false'],
            inliers=d['inliers'],
            transform=[list(x or ()) for x in d['transform'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class MatchLines(methods.Record):
    """MatchLines, as the API's description has it.

    - ``outlines``: Of what both show, in a and in b, corner by corner
    - ``places``: x and y in a, and in b
    """

    outlines: list[list[list[float]]]
    places: list[list[list[float]]]

    @classmethod
    def _of(cls, d: Any) -> MatchLines:
        return cls(
            outlines=[[list(x or ()) for x in x or ()] for x in d['outlines'] or ()],
            places=[[list(x or ()) for x in x or ()] for x in d['places'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class MatchShown(methods.Record):
    """MatchShown, as the API's description has it.

    - ``parts``: One for each match
    """

    a: MatchSide
    b: MatchSide
    parts: list[MatchLines]

    @classmethod
    def _of(cls, d: Any) -> MatchShown:
        return cls(
            a=MatchSide._of(d['a']),
            b=MatchSide._of(d['b']),
            parts=[MatchLines._of(x) for x in d['parts'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class MatchSide(methods.Record):
    """MatchSide, as the API's description has it.

    - ``picture``: A data: address of the picture, smaller
    - ``width``: Of the upright picture, in whose pixels all places are
    """

    height: int
    picture: str
    width: int

    @classmethod
    def _of(cls, d: Any) -> MatchSide:
        return cls(
            height=d['height'],
            picture=d['picture'],
            width=d['width'],
        )


@dataclass(frozen=True, kw_only=True)
class Matching(methods.Record):
    """Matching, as the API's description has it.

    - ``shown``: What a page draws of it, if that was asked for
    """

    a: str
    b: str
    matches: list[Match]
    shown: MatchShown | None = None

    @classmethod
    def _of(cls, d: Any) -> Matching:
        return cls(
            a=d['a'],
            b=d['b'],
            matches=[Match._of(x) for x in d['matches'] or ()],
            shown=MatchShown._of(d.get('shown')) if d.get('shown') is not None else None,
        )


@dataclass(frozen=True, kw_only=True)
class Metadata(methods.Record):
    """Metadata, as the API's description has it."""

    camera: str | None = None
    caption: str | None = None
    keywords: list[str] = field(default_factory=list)
    label: str | None = None
    lens: str | None = None
    position: Position | None = None
    rating: int | None = None
    title: str | None = None

    @classmethod
    def _of(cls, d: Any) -> Metadata:
        return cls(
            camera=d.get('camera'),
            caption=d.get('caption'),
            keywords=list(d.get('keywords') or ()),
            label=d.get('label'),
            lens=d.get('lens'),
            position=Position._of(d.get('position')) if d.get('position') is not None else None,
            rating=d.get('rating'),
            title=d.get('title'),
        )


@dataclass(frozen=True, kw_only=True)
class ModelAdvice(methods.Record):
    """ModelAdvice, as the API's description has it."""

    interval: list[float]
    milliseconds: float
    model: str
    model_bytes: int
    p: float
    value: float
    vector_bytes: int

    @classmethod
    def _of(cls, d: Any) -> ModelAdvice:
        return cls(
            interval=list(d['interval'] or ()),
            milliseconds=d['milliseconds'],
            model=d['model'],
            model_bytes=d['model_bytes'],
            p=d['p'],
            value=d['value'],
            vector_bytes=d['vector_bytes'],
        )


@dataclass(frozen=True, kw_only=True)
class ModelInfo(methods.Record):
    """ModelInfo, as the API's description has it.

    - ``milliseconds``: About how long a picture takes on this machine's processor, judged by its cores and the model's speed
    """

    about: str
    bytes: int
    dim: int
    input: list[int]
    language: bool
    licence: str
    milliseconds: float | None = None
    name: str
    page: str | None = None
    params: int
    present: bool
    pullable: bool
    reason: str | None = None
    speed: str | None = None
    terms: str | None = None
    text: bool

    @classmethod
    def _of(cls, d: Any) -> ModelInfo:
        return cls(
            about=d['about'],
            bytes=d['bytes'],
            dim=d['dim'],
            input=list(d['input'] or ()),
            language=d['language'],
            licence=d['licence'],
            milliseconds=d.get('milliseconds'),
            name=d['name'],
            page=d.get('page'),
            params=d['params'],
            present=d['present'],
            pullable=d['pullable'],
            reason=d.get('reason'),
            speed=d.get('speed'),
            terms=d.get('terms'),
            text=d['text'],
        )


@dataclass(frozen=True, kw_only=True)
class ModelKind(methods.Record):
    """ModelKind, as the API's description has it.

    - ``cannot_run``: Why the model cannot run here, so that nothing else can be embedded or explained with it
    - ``language``: It was trained on pictures with their captions, as its name tells: it sees meaning, where others see looks
    """

    cannot_run: str | None = None
    language: bool
    model: str

    @classmethod
    def _of(cls, d: Any) -> ModelKind:
        return cls(
            cannot_run=d.get('cannot_run'),
            language=d['language'],
            model=d['model'],
        )


@dataclass(frozen=True, kw_only=True)
class Models(methods.Record):
    """Models, as the API's description has it."""

    models: list[ModelInfo]

    @classmethod
    def _of(cls, d: Any) -> Models:
        return cls(
            models=[ModelInfo._of(x) for x in d['models'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Pair(methods.Record):
    """Pair, as the API's description has it."""

    a: str
    b: str

    @classmethod
    def _of(cls, d: Any) -> Pair:
        return cls(
            a=d['a'],
            b=d['b'],
        )


@dataclass(frozen=True, kw_only=True)
class PairRanks(methods.Record):
    """PairRanks, as the API's description has it."""

    a: str
    b: str
    ranks: dict[str, list[int]]

    @classmethod
    def _of(cls, d: Any) -> PairRanks:
        return cls(
            a=d['a'],
            b=d['b'],
            ranks={k: list(x or ()) for k, x in (d['ranks'] or {}).items()},
        )


@dataclass(frozen=True, kw_only=True)
class PairedTest(methods.Record):
    """PairedTest, as the API's description has it."""

    a: str
    b: str
    difference: float
    p: float
    p_corrected: float

    @classmethod
    def _of(cls, d: Any) -> PairedTest:
        return cls(
            a=d['a'],
            b=d['b'],
            difference=d['difference'],
            p=d['p'],
            p_corrected=d['p_corrected'],
        )


@dataclass(frozen=True, kw_only=True)
class Part(methods.Record):
    """Part, as the API's description has it."""

    kind: Literal["part", "shared", "same"]
    match: Match
    name: str
    share: float
    source: str

    @classmethod
    def _of(cls, d: Any) -> Part:
        return cls(
            kind=d['kind'],
            match=Match._of(d['match']),
            name=d['name'],
            share=d['share'],
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class PartGroup(methods.Record):
    """PartGroup, as the API's description has it."""

    height: int
    parts: list[Part]
    whole: Picture
    width: int

    @classmethod
    def _of(cls, d: Any) -> PartGroup:
        return cls(
            height=d['height'],
            parts=[Part._of(x) for x in d['parts'] or ()],
            whole=Picture._of(d['whole']),
            width=d['width'],
        )


@dataclass(frozen=True, kw_only=True)
class Parts(methods.Record):
    """Parts, as the API's description has it."""

    failed: list[Failure]
    groups: list[PartGroup]
    pairs: int
    pictures: int
    verified: int

    @classmethod
    def _of(cls, d: Any) -> Parts:
        return cls(
            failed=[Failure._of(x) for x in d['failed'] or ()],
            groups=[PartGroup._of(x) for x in d['groups'] or ()],
            pairs=d['pairs'],
            pictures=d['pictures'],
            verified=d['verified'],
        )


@dataclass(frozen=True, kw_only=True)
class PartsIndexed(methods.Record):
    """PartsIndexed, as the API's description has it."""

    added: int
    failed: list[Failure]
    pictures: int
    seconds: float

    @classmethod
    def _of(cls, d: Any) -> PartsIndexed:
        return cls(
            added=d['added'],
            failed=[Failure._of(x) for x in d['failed'] or ()],
            pictures=d['pictures'],
            seconds=d['seconds'],
        )


@dataclass(frozen=True, kw_only=True)
class PartsSearched(methods.Record):
    """PartsSearched, as the API's description has it.

    - ``missing``: Those that the index of parts does not have yet
    - ``pictures``: Distinct pictures that were looked through
    - ``verified``: Those that were compared with the query pixel by pixel
    """

    missing: int
    pictures: int
    verified: int

    @classmethod
    def _of(cls, d: Any) -> PartsSearched:
        return cls(
            missing=d['missing'],
            pictures=d['pictures'],
            verified=d['verified'],
        )


@dataclass(frozen=True, kw_only=True)
class Picture(methods.Record):
    """Picture, as the API's description has it."""

    name: str
    source: str

    @classmethod
    def _of(cls, d: Any) -> Picture:
        return cls(
            name=d['name'],
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class PictureInfo(methods.Record):
    """PictureInfo, as the API's description has it.

    - ``date``: What filters and sorting go by: when it was taken by the camera's clock, else when its file was last written, by this machine's
    """

    bytes: int
    camera: str | None = None
    caption: str | None = None
    covered_by: list[str]
    date: str | None = None
    format: str
    has_file: bool
    hash: str
    height: int
    keywords: list[str] = field(default_factory=list)
    label: str | None = None
    lens: str | None = None
    name: str
    position: Position | None = None
    rating: int | None = None
    source: str
    tags: list[str]
    taken: str | None = None
    title: str | None = None
    width: int

    @classmethod
    def _of(cls, d: Any) -> PictureInfo:
        return cls(
            bytes=d['bytes'],
            camera=d.get('camera'),
            caption=d.get('caption'),
            covered_by=list(d['covered_by'] or ()),
            date=d.get('date'),
            format=d['format'],
            has_file=d['has_file'],
            hash=d['hash'],
            height=d['height'],
            keywords=list(d.get('keywords') or ()),
            label=d.get('label'),
            lens=d.get('lens'),
            name=d['name'],
            position=Position._of(d.get('position')) if d.get('position') is not None else None,
            rating=d.get('rating'),
            source=d['source'],
            tags=list(d['tags'] or ()),
            taken=d.get('taken'),
            title=d.get('title'),
            width=d['width'],
        )


@dataclass(frozen=True, kw_only=True)
class PictureList(methods.Record):
    """PictureList, as the API's description has it."""

    misspelt: bool = False
    next: str | None = None
    pictures: list[PictureInfo]
    total: int

    @classmethod
    def _of(cls, d: Any) -> PictureList:
        return cls(
            misspelt=d.get('misspelt', False),
            next=d.get('next'),
            pictures=[PictureInfo._of(x) for x in d['pictures'] or ()],
            total=d['total'],
        )


@dataclass(frozen=True, kw_only=True)
class Position(methods.Record):
    """Position, as the API's description has it."""

    latitude: float
    longitude: float

    @classmethod
    def _of(cls, d: Any) -> Position:
        return cls(
            latitude=d['latitude'],
            longitude=d['longitude'],
        )


@dataclass(frozen=True, kw_only=True)
class ProbeChange(methods.Record):
    """ProbeChange, as the API's description has it."""

    about: str
    kind: str
    name: str

    @classmethod
    def _of(cls, d: Any) -> ProbeChange:
        return cls(
            about=d['about'],
            kind=d['kind'],
            name=d['name'],
        )


@dataclass(frozen=True, kw_only=True)
class ProbeReport(methods.Record):
    """ProbeReport, as the API's description has it."""

    changes: list[ProbeChange]
    example: Picture
    failed: list[Failure] = field(default_factory=list)
    models: list[Probed]
    pictures: int
    skipped: list[Failure] = field(default_factory=list)

    @classmethod
    def _of(cls, d: Any) -> ProbeReport:
        return cls(
            changes=[ProbeChange._of(x) for x in d['changes'] or ()],
            example=Picture._of(d['example']),
            failed=[Failure._of(x) for x in d.get('failed') or ()],
            models=[Probed._of(x) for x in d['models'] or ()],
            pictures=d['pictures'],
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Probed(methods.Record):
    """Probed, as the API's description has it."""

    invariant: list[str]
    model: str
    reactions: list[Reaction]
    sensitive: list[str]

    @classmethod
    def _of(cls, d: Any) -> Probed:
        return cls(
            invariant=list(d['invariant'] or ()),
            model=d['model'],
            reactions=[Reaction._of(x) for x in d['reactions'] or ()],
            sensitive=list(d['sensitive'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class Problem(methods.Record):
    """Problem, as the API's description has it."""

    detail: str
    errors: list[ProblemDetail] = field(default_factory=list)
    status: int
    title: str
    type: str | None = None

    @classmethod
    def _of(cls, d: Any) -> Problem:
        return cls(
            detail=d['detail'],
            errors=[ProblemDetail._of(x) for x in d.get('errors') or ()],
            status=d['status'],
            title=d['title'],
            type=d.get('type'),
        )


@dataclass(frozen=True, kw_only=True)
class ProblemDetail(methods.Record):
    """ProblemDetail, as the API's description has it."""

    location: str | None = None
    message: str | None = None
    value: Any | None = None

    @classmethod
    def _of(cls, d: Any) -> ProblemDetail:
        return cls(
            location=d.get('location'),
            message=d.get('message'),
            value=d.get('value'),
        )


@dataclass(frozen=True, kw_only=True)
class Progress(methods.Record):
    """Progress, as the API's description has it.

    - ``step``: What is being done now
    - ``total``: 0 while unknown
    """

    done: int
    note: str | None = None
    step: str
    total: int

    @classmethod
    def _of(cls, d: Any) -> Progress:
        return cls(
            done=d['done'],
            note=d.get('note'),
            step=d['step'],
            total=d['total'],
        )


@dataclass(frozen=True, kw_only=True)
class PullReport(methods.Record):
    """PullReport, as the API's description has it."""

    dim: int
    input: list[int]
    licence: str | None = None
    model: str
    params: int
    path: str
    text: bool

    @classmethod
    def _of(cls, d: Any) -> PullReport:
        return cls(
            dim=d['dim'],
            input=list(d['input'] or ()),
            licence=d.get('licence'),
            model=d['model'],
            params=d['params'],
            path=d['path'],
            text=d['text'],
        )


@dataclass(frozen=True, kw_only=True)
class Reaction(methods.Record):
    """Reaction, as the API's description has it."""

    change: str
    found: float
    found_interval: list[float]
    retained: float
    retained_interval: list[float]
    score: float

    @classmethod
    def _of(cls, d: Any) -> Reaction:
        return cls(
            change=d['change'],
            found=d['found'],
            found_interval=list(d['found_interval'] or ()),
            retained=d['retained'],
            retained_interval=list(d['retained_interval'] or ()),
            score=d['score'],
        )


@dataclass(frozen=True, kw_only=True)
class RegionsIndexed(methods.Record):
    """RegionsIndexed, as the API's description has it."""

    added: int
    failed: list[Failure]
    model: str
    pictures: int
    regions: int
    seconds: float

    @classmethod
    def _of(cls, d: Any) -> RegionsIndexed:
        return cls(
            added=d['added'],
            failed=[Failure._of(x) for x in d['failed'] or ()],
            model=d['model'],
            pictures=d['pictures'],
            regions=d['regions'],
            seconds=d['seconds'],
        )


@dataclass(frozen=True, kw_only=True)
class RemoveReport(methods.Record):
    """RemoveReport, as the API's description has it."""

    bytes: int
    dry_run: bool
    removed: list[RemovedCopy]
    skipped: list[Failure]

    @classmethod
    def _of(cls, d: Any) -> RemoveReport:
        return cls(
            bytes=d['bytes'],
            dry_run=d['dry_run'],
            removed=[RemovedCopy._of(x) for x in d['removed'] or ()],
            skipped=[Failure._of(x) for x in d['skipped'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class RemovedCollection(methods.Record):
    """RemovedCollection, as the API's description has it.

    - ``folder``: Its folder on the server's machine; deleting it frees the disk
    - ``removed``: What it is called among the removed collections
    """

    folder: str
    removed: str

    @classmethod
    def _of(cls, d: Any) -> RemovedCollection:
        return cls(
            folder=d['folder'],
            removed=d['removed'],
        )


@dataclass(frozen=True, kw_only=True)
class RemovedCopy(methods.Record):
    """RemovedCopy, as the API's description has it."""

    bytes: int
    kept: str
    links: list[str] = field(default_factory=list)
    source: str
    to: str

    @classmethod
    def _of(cls, d: Any) -> RemovedCopy:
        return cls(
            bytes=d['bytes'],
            kept=d['kept'],
            links=list(d.get('links') or ()),
            source=d['source'],
            to=d['to'],
        )


@dataclass(frozen=True, kw_only=True)
class RestoreReport(methods.Record):
    """RestoreReport, as the API's description has it."""

    failed: list[Failure]
    restored: list[RestoredCopy]

    @classmethod
    def _of(cls, d: Any) -> RestoreReport:
        return cls(
            failed=[Failure._of(x) for x in d['failed'] or ()],
            restored=[RestoredCopy._of(x) for x in d['restored'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class RestoredCopy(methods.Record):
    """RestoredCopy, as the API's description has it."""

    from_: str
    source: str

    @classmethod
    def _of(cls, d: Any) -> RestoredCopy:
        return cls(
            from_=d['from'],
            source=d['source'],
        )


@dataclass(frozen=True, kw_only=True)
class Result(methods.Result):
    """Result, as the API's description has it.

    - ``no_good_match``: Luck explains all hits, or there are none
    """

    histogram: Histogram | None = None
    hits: list[Hit]
    missing: list[str] = field(default_factory=list)
    model: str
    models: list[str] = field(default_factory=list)
    no_good_match: bool = False
    parts: PartsSearched | None = None
    query: list[Term]
    recall: float | None = None
    skipped: list[Failure] = field(default_factory=list)

    @classmethod
    def _of(cls, d: Any) -> Result:
        return cls(
            histogram=Histogram._of(d.get('histogram')) if d.get('histogram') is not None else None,
            hits=[Hit._of(x) for x in d['hits'] or ()],
            missing=list(d.get('missing') or ()),
            model=d['model'],
            models=list(d.get('models') or ()),
            no_good_match=d.get('no_good_match', False),
            parts=PartsSearched._of(d.get('parts')) if d.get('parts') is not None else None,
            query=[Term._of(x) for x in d['query'] or ()],
            recall=d.get('recall'),
            skipped=[Failure._of(x) for x in d.get('skipped') or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Reviewed(methods.Record):
    """Reviewed, as the API's description has it.

    - ``changed``: How many groups this changed
    """

    changed: int

    @classmethod
    def _of(cls, d: Any) -> Reviewed:
        return cls(
            changed=d['changed'],
        )


@dataclass(frozen=True, kw_only=True)
class Row(methods.Record):
    """Row, as the API's description has it.

    - ``no_good_match``: Luck explains all hits, or there are none
    """

    hits: list[Hit]
    model: str
    no_good_match: bool = False

    @classmethod
    def _of(cls, d: Any) -> Row:
        return cls(
            hits=[Hit._of(x) for x in d['hits'] or ()],
            model=d['model'],
            no_good_match=d.get('no_good_match', False),
        )


@dataclass(frozen=True, kw_only=True)
class SearchFusion(methods.Record):
    """SearchFusion, as the API's description has it.

    - ``method``: Omitted: rrf
    - ``weights``: By model; a model without a weight has 1
    """

    method: Literal["rrf", "scores", "csls"] | None = None
    weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def _of(cls, d: Any) -> SearchFusion:
        return cls(
            method=d.get('method'),
            weights=dict(d.get('weights') or {}),
        )


@dataclass(frozen=True, kw_only=True)
class SearchTerm(methods.Record):
    """SearchTerm, as the API's description has it.

    - ``crop``: Use this region of the picture only
    - ``picture``: The name of an indexed picture
    - ``selection``: The id of a selection: the mean of its pictures
    - ``text``: Words, for models that read text
    - ``upload``: The id of an upload
    - ``url``: An http or https address. The server decides which addresses it fetches
    - ``weight``: How much the term counts; negative: find what is unlike it
    """

    crop: Crop | None = None
    picture: str | None = None
    selection: str | None = None
    text: str | None = None
    upload: str | None = None
    url: str | None = None
    weight: float | None = None

    @classmethod
    def _of(cls, d: Any) -> SearchTerm:
        return cls(
            crop=Crop._of(d.get('crop')) if d.get('crop') is not None else None,
            picture=d.get('picture'),
            selection=d.get('selection'),
            text=d.get('text'),
            upload=d.get('upload'),
            url=d.get('url'),
            weight=d.get('weight'),
        )


@dataclass(frozen=True, kw_only=True)
class Selection(methods.Record):
    """Selection, as the API's description has it.

    - ``count``: How many pictures it has
    - ``pictures``: Their names
    """

    count: int
    id: str
    pictures: list[str] = field(default_factory=list)

    @classmethod
    def _of(cls, d: Any) -> Selection:
        return cls(
            count=d['count'],
            id=d['id'],
            pictures=list(d.get('pictures') or ()),
        )


@dataclass(frozen=True, kw_only=True)
class SpaceInfo(methods.Record):
    """SpaceInfo, as the API's description has it."""

    active: bool
    background: str
    bytes: int
    colour: str
    covered: int
    decode: str
    default: bool
    dim: int
    fingerprint: str
    model: str
    rows: int

    @classmethod
    def _of(cls, d: Any) -> SpaceInfo:
        return cls(
            active=d['active'],
            background=d['background'],
            bytes=d['bytes'],
            colour=d['colour'],
            covered=d['covered'],
            decode=d['decode'],
            default=d['default'],
            dim=d['dim'],
            fingerprint=d['fingerprint'],
            model=d['model'],
            rows=d['rows'],
        )


@dataclass(frozen=True, kw_only=True)
class StoredVectors(methods.Record):
    """StoredVectors, as the API's description has it."""

    dim: int
    files: list[VectorFile]
    model: str
    names: list[str]
    rows: list[int]

    @classmethod
    def _of(cls, d: Any) -> StoredVectors:
        return cls(
            dim=d['dim'],
            files=[VectorFile._of(x) for x in d['files'] or ()],
            model=d['model'],
            names=list(d['names'] or ()),
            rows=list(d['rows'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class Subfolder(methods.Record):
    """Subfolder, as the API's description has it.

    - ``linked``: It is a link: indexed only if it is named itself
    """

    linked: bool = False
    name: str
    path: str

    @classmethod
    def _of(cls, d: Any) -> Subfolder:
        return cls(
            linked=d.get('linked', False),
            name=d['name'],
            path=d['path'],
        )


@dataclass(frozen=True, kw_only=True)
class Summary(methods.Record):
    """Summary, as the API's description has it."""

    median_rank: float
    mrr: float
    mrr_interval: list[float]
    recall_at_1: float
    recall_at_10: float
    recall_at_10_interval: list[float]
    recall_at_1_interval: list[float]
    recall_at_5: float
    recall_at_5_interval: list[float]

    @classmethod
    def _of(cls, d: Any) -> Summary:
        return cls(
            median_rank=d['median_rank'],
            mrr=d['mrr'],
            mrr_interval=list(d['mrr_interval'] or ()),
            recall_at_1=d['recall@1'],
            recall_at_10=d['recall@10'],
            recall_at_10_interval=list(d['recall@10_interval'] or ()),
            recall_at_1_interval=list(d['recall@1_interval'] or ()),
            recall_at_5=d['recall@5'],
            recall_at_5_interval=list(d['recall@5_interval'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class TagInfo(methods.Record):
    """TagInfo, as the API's description has it."""

    pictures: int
    tag: str

    @classmethod
    def _of(cls, d: Any) -> TagInfo:
        return cls(
            pictures=d['pictures'],
            tag=d['tag'],
        )


@dataclass(frozen=True, kw_only=True)
class TagReport(methods.Record):
    """TagReport, as the API's description has it."""

    changed: int
    pictures: int
    tag: str

    @classmethod
    def _of(cls, d: Any) -> TagReport:
        return cls(
            changed=d['changed'],
            pictures=d['pictures'],
            tag=d['tag'],
        )


@dataclass(frozen=True, kw_only=True)
class Tags(methods.Record):
    """Tags, as the API's description has it."""

    tags: list[TagInfo]

    @classmethod
    def _of(cls, d: Any) -> Tags:
        return cls(
            tags=[TagInfo._of(x) for x in d['tags'] or ()],
        )


@dataclass(frozen=True, kw_only=True)
class Term(methods.Record):
    """Term, as the API's description has it."""

    blank: bool = False
    crop: Crop | None = None
    ground: str | None = None
    mean: int | None = None
    picture: str | None = None
    text: str | None = None
    weight: float

    @classmethod
    def _of(cls, d: Any) -> Term:
        return cls(
            blank=d.get('blank', False),
            crop=Crop._of(d.get('crop')) if d.get('crop') is not None else None,
            ground=d.get('ground'),
            mean=d.get('mean'),
            picture=d.get('picture'),
            text=d.get('text'),
            weight=d['weight'],
        )


@dataclass(frozen=True, kw_only=True)
class Triplet(methods.Record):
    """Triplet, as the API's description has it."""

    left: str
    rater: str | None = None
    ref: str
    right: str
    share: float

    @classmethod
    def _of(cls, d: Any) -> Triplet:
        return cls(
            left=d['left'],
            rater=d.get('rater'),
            ref=d['ref'],
            right=d['right'],
            share=d['share'],
        )


@dataclass(frozen=True, kw_only=True)
class TripletEvaluation(methods.TripletEvaluation):
    """TripletEvaluation, as the API's description has it."""

    majority: TripletSummary
    missing: list[str] = field(default_factory=list)
    models: list[str]
    raters: TripletSummary | None = None
    refs: int
    summary: dict[str, TripletSummary]
    tests: list[PairedTest]
    triplets: int
    undecided: int | None = None

    @classmethod
    def _of(cls, d: Any) -> TripletEvaluation:
        return cls(
            majority=TripletSummary._of(d['majority']),
            missing=list(d.get('missing') or ()),
            models=list(d['models'] or ()),
            raters=TripletSummary._of(d.get('raters')) if d.get('raters') is not None else None,
            refs=d['refs'],
            summary={k: TripletSummary._of(x) for k, x in (d['summary'] or {}).items()},
            tests=[PairedTest._of(x) for x in d['tests'] or ()],
            triplets=d['triplets'],
            undecided=d.get('undecided'),
        )


@dataclass(frozen=True, kw_only=True)
class TripletSummary(methods.Record):
    """TripletSummary, as the API's description has it."""

    two_afc: float
    two_afc_interval: list[float]
    triplets: int

    @classmethod
    def _of(cls, d: Any) -> TripletSummary:
        return cls(
            two_afc=d['2afc'],
            two_afc_interval=list(d['2afc_interval'] or ()),
            triplets=d['triplets'],
        )


@dataclass(frozen=True, kw_only=True)
class Understood(methods.Record):
    """Understood, as the API's description has it."""

    encoding: str | None = None
    file: str
    name: str | None = None
    path: str | None = None
    separator: str | None = None
    tags: str | None = None
    values: str | None = None

    @classmethod
    def _of(cls, d: Any) -> Understood:
        return cls(
            encoding=d.get('encoding'),
            file=d['file'],
            name=d.get('name'),
            path=d.get('path'),
            separator=d.get('separator'),
            tags=d.get('tags'),
            values=d.get('values'),
        )


@dataclass(frozen=True, kw_only=True)
class Upload(methods.Record):
    """Upload, as the API's description has it.

    - ``upload``: The id, for the field upload of a term
    """

    bytes: int
    format: str
    height: int
    upload: str
    width: int

    @classmethod
    def _of(cls, d: Any) -> Upload:
        return cls(
            bytes=d['bytes'],
            format=d['format'],
            height=d['height'],
            upload=d['upload'],
            width=d['width'],
        )


@dataclass(frozen=True, kw_only=True)
class VectorFile(methods.Record):
    """VectorFile, as the API's description has it."""

    offset: int
    path: str
    rows: int

    @classmethod
    def _of(cls, d: Any) -> VectorFile:
        return cls(
            offset=d['offset'],
            path=d['path'],
            rows=d['rows'],
        )


@dataclass(frozen=True, kw_only=True)
class Verified(methods.Record):
    """Verified, as the API's description has it.

    - ``reimport``: Models whose embeddings are missing and must be imported again
    - ``reindex``: Embeddings are missing that indexing makes again
    """

    collection: str
    problems: list[str]
    reimport: list[str] = field(default_factory=list)
    reindex: bool = False
    repaired: list[str]

    @classmethod
    def _of(cls, d: Any) -> Verified:
        return cls(
            collection=d['collection'],
            problems=list(d['problems'] or ()),
            reimport=list(d.get('reimport') or ()),
            reindex=d.get('reindex', False),
            repaired=list(d['repaired'] or ()),
        )


@dataclass(frozen=True, kw_only=True)
class Version(methods.Record):
    """Version, as the API's description has it.

    - ``trash``: Whether clients may move duplicates to the trash
    """

    trash: bool
    version: str

    @classmethod
    def _of(cls, d: Any) -> Version:
        return cls(
            trash=d['trash'],
            version=d['version'],
        )
