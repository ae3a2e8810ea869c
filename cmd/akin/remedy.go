package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/duplicates"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/indexer"
	"github.com/akin-search/akin/internal/labelled"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/transfer"
	"github.com/akin-search/akin/internal/vector"
)

// withRemedy returns the text of an error, and what to do about it.
func withRemedy(err error) string {
	for _, of := range []func(error) string{portRemedy, collectionRemedy, spaceRemedy, fileRemedy, modelRemedy, hubRemedy, setRemedy, deviceRemedy} {
		if r := of(err); r != "" {
			return err.Error() + "; " + r
		}
	}
	return err.Error()
}

// portRemedy says what to do where another program has a port.
func portRemedy(err error) string {
	if e, ok := errors.AsType[*portError](err); ok {
		return fmt.Sprintf("it may be akin already: open %s, or choose another with --listen %s", e.open(), e.next())
	}
	return ""
}

// collectionRemedy says what to do about a collection that cannot be used, or a picture of it.
func collectionRemedy(err error) string {
	if e, ok := errors.AsType[*missingError](err); ok {
		return e.remedy()
	}
	if e, ok := errors.AsType[*record.APIKeyError](err); ok {
		for _, engine := range engines {
			if engine.name == e.Engine {
				return "set its key in $" + engine.key
			}
		}
	}
	switch {
	case errors.Is(err, akin.ErrNoCollection):
		return "create it with `akin index PATH`"
	case errors.Is(err, akin.ErrLocked):
		return "wait until it is done, or stop it"
	case errors.Is(err, akin.ErrVersion):
		return "it needs a newer akin: " + installed().upgrade
	case errors.Is(err, akin.ErrNeedsReindex):
		return "run `akin index` on its folders once"
	case errors.Is(err, akin.ErrNoMetadata):
		return "run `akin index` on its folders once: it embeds nothing again"
	case errors.Is(err, akin.ErrNoParts):
		return "make it with `akin index PATH --parts`"
	case errors.Is(err, akin.ErrNoRegions):
		return "embed them with `akin index PATH --regions`"
	case errors.Is(err, akin.ErrDamaged):
		return "see what is damaged with `akin verify`, and rebuild it with `akin verify --repair`"
	case errors.Is(err, akin.ErrCacheLimit):
		return "allow more in $AKIN_CLUSTER_CACHE, in GB"
	case errors.Is(err, akin.ErrNoFile):
		return "remove such pictures with `akin index PATH --prune`"
	case errors.Is(err, akin.ErrChanged):
		return "run `akin index` again"
	case errors.Is(err, akin.ErrNoTrash):
		return "use --move DIR instead"
	}
	return ""
}

// spaceRemedy says what to do where a collection lacks the embeddings that a command needs.
func spaceRemedy(err error) string {
	if e, ok := errors.AsType[*space.NoSpaceError](err); ok {
		if len(e.Have) == 0 {
			return "make them with `akin index PATH`, or import them with `akin import`"
		}
		if len(e.Near()) > 0 {
			return "" // it names them
		}
		if _, known := model.Find(e.Model); !known {
			return "choose another --model; `akin models` lists those that can be indexed with"
		}
		return fmt.Sprintf("index its folders with --model %s, or choose another --model", e.Model)
	}
	if e, ok := errors.AsType[*space.AmbiguousSpaceError](err); ok {
		return fmt.Sprintf("name one as %s@%.12s", e.Model, e.Fingerprints[0])
	}
	if _, ok := errors.AsType[*duplicates.ReferenceError](err); ok {
		return "index it first with `akin index`"
	}
	if _, ok := errors.AsType[*space.ImportedSpaceError](err); ok {
		return "choose another --model, or query with the name of an indexed picture"
	}
	if e, ok := errors.AsType[*space.WeightsDifferError](err); ok {
		return fmt.Sprintf("query with the name of an indexed picture, or run `akin index` with --model %s again", e.Model)
	}
	if _, ok := errors.AsType[*api.NeedsTwoModelsError](err); ok {
		return "index with another --model"
	}
	if errors.Is(err, akin.ErrNeedsBothKinds) {
		return "index with one of the other kind, or say with --language which are trained on language"
	}
	return ""
}

// modelRemedy says what to do about a model, or the library that runs it, that is not installed.
func modelRemedy(err error) string {
	if e, ok := errors.AsType[*model.UnknownError](err); ok {
		if len(e.Near) > 0 {
			return "`akin models` lists the models"
		}
		return "`akin models` lists the models; install another with `akin pull ORG/NAME` or `akin models add`"
	}
	if e, ok := errors.AsType[*model.NoWeightsError](err); ok {
		if e.Spec.Pullable() {
			return fmt.Sprintf("install them with `akin pull %s`", e.Spec.Name)
		}
		if e.Spec.Bundled {
			return fmt.Sprintf("%s, or put a folder %s in a folder of $AKIN_MODELS", installed().restore, e.Spec.Name)
		}
		return fmt.Sprintf("put what its authors publish into a folder %s in a folder of $AKIN_MODELS", e.Spec.Name)
	}
	if e, ok := errors.AsType[*model.BrokenLinkError](err); ok {
		return fmt.Sprintf("put the file back, or remove the model with `akin models remove %s`", e.Model)
	}
	if e, ok := errors.AsType[*model.NoTextError](err); ok {
		if len(e.Others) > 0 {
			return "use --model " + e.Others[0]
		}
		return "index with a model that does, such as --model clip-vit-base-patch32"
	}
	if e, ok := errors.AsType[*models.NameTakenError](err); ok {
		if e.Path == "" {
			return "choose another name"
		}
		return fmt.Sprintf("choose another name, or remove that model with `akin models remove %s`", e.Model)
	}
	if _, ok := errors.AsType[*models.LicenceError](err); ok {
		return "read the licence, and use --accept-licence if your use is within it"
	}
	if e, ok := errors.AsType[*checkpoint.NoBaseError](err); ok {
		return fmt.Sprintf("put those weights, with their config.json and preprocessor_config.json, into %s", e.Dir)
	}
	if _, ok := errors.AsType[*model.SeveralFamiliesError](err); ok {
		return "put the config.json that its authors publish beside it"
	}
	if errors.Is(err, akin.ErrNoReference) {
		return "name a file with --reference; “Reference files of models” in the documentation tells how one is made"
	}
	if e, ok := errors.AsType[*models.ONNXFileError](err); ok {
		return fmt.Sprintf("use `akin models add NAME %s`", e.Path)
	}
	if e, ok := errors.AsType[*models.NoCheckpointError](err); ok && len(e.ONNX) > 0 {
		return fmt.Sprintf("download its %s, and use `akin models add NAME FILE`", e.ONNX[0])
	}
	if e, ok := errors.AsType[*models.UnbuildableError](err); ok {
		if len(e.ONNX) > 0 {
			return fmt.Sprintf("download its %s, and use `akin models add NAME FILE`", e.ONNX[0])
		}
		if _, ok := errors.AsType[*model.UnknownArchitectureError](err); ok {
			return "export it to ONNX, and use `akin models add NAME FILE`"
		}
	}
	if _, ok := errors.AsType[*models.BundledError](err); ok {
		return installed().restore
	}
	return ""
}

// hubRemedy says what to do about a checkpoint that cannot be downloaded.
func hubRemedy(err error) string {
	if e, ok := errors.AsType[*hub.AccessError](err); ok {
		switch {
		case e.Gated:
			return "accept it there, and set $HF_TOKEN to your token"
		case e.Token:
			return "set $HF_TOKEN to another token"
		}
		return "check the name, or set $HF_TOKEN"
	}
	if _, ok := errors.AsType[*hub.UnreachableError](err); ok {
		return "check the network, its proxy, and $HF_ENDPOINT"
	}
	if errors.Is(err, hub.ErrOffline) {
		return "unset $HF_HUB_OFFLINE"
	}
	return ""
}

// setRemedy says what to do about a labelled set that cannot be fetched or used.
func setRemedy(err error) string {
	if e, ok := errors.AsType[*labelled.NotFetchedError](err); ok {
		return fmt.Sprintf("download them, %s, with `akin fetch %s`", render.Bytes(e.Set.Bytes()), e.Set.Name)
	}
	if _, ok := errors.AsType[*labelled.NoClientError](err); ok {
		return "install Node.js with npm"
	}
	if e, ok := errors.AsType[*labelled.ClientError](err); ok {
		if strings.HasPrefix(e.Detail, "ENOSPC") {
			return "make room on the disk"
		}
		return "check the network, and npm's registry and proxy settings"
	}
	if _, ok := errors.AsType[*labelled.IntegrityError](err); ok {
		return "do not use it, and check what your npm registry serves"
	}
	return ""
}

// deviceRemedy says what to do about a library or a device that models or decoders need.
func deviceRemedy(err error) string {
	if _, ok := errors.AsType[*runtime.NotFoundError](err); ok {
		return installed().restore + ", or set $AKIN_ONNXRUNTIME to the library"
	}
	if e, ok := errors.AsType[*runtime.LibraryError](err); ok {
		if e.Named {
			return "set $AKIN_ONNXRUNTIME to the library, or unset it"
		}
		return installed().restore + ", or set $AKIN_ONNXRUNTIME to another one"
	}
	if errors.Is(err, runtime.ErrNoOpenVINO) {
		return installed().openVINO()
	}
	if errors.As(err, new(*runtime.BFloat16Error)) {
		return "use --precision fp32; a collection that was begun in bf16 is continued without --precision"
	}
	if e, ok := errors.AsType[*runtime.DeviceError](err); ok {
		if strings.HasPrefix(e.Device, "cuda") {
			return installed().cuda()
		}
		return "use --device cpu"
	}
	if e, ok := errors.AsType[*picture.NoDecoderError](err); ok {
		if errors.Is(err, picture.ErrNoSystem) {
			return ""
		}
		return libraryRemedy(e.Library, systemNames()) + "; `akin doctor` shows which decoders are found"
	}
	if e, ok := errors.AsType[*picture.LibraryError](err); ok {
		return libraryRemedy(e.Library, systemNames())
	}
	return ""
}

// fileRemedy says what to do about a list, a table or a folder.
func fileRemedy(err error) string {
	if e, ok := errors.AsType[*source.ColumnError](err); ok {
		return fmt.Sprintf("name the column with the paths by its title or number: --column path=%.40s", e.Column)
	}
	if e, ok := errors.AsType[*source.UnsampledError](err); ok {
		return fmt.Sprintf("--%s 20 indexes that many of each", e.Members)
	}
	if _, ok := errors.AsType[*source.WatchError](err); ok {
		return "scan it regularly with --poll 10s"
	}
	if e, ok := errors.AsType[*vector.ValuesColumnError](err); ok {
		return fmt.Sprintf("name one of them: --column values=%.40s", e.Column)
	}
	if e, ok := errors.AsType[*transfer.NoRowNamesError](err); ok && e.Arrays != nil {
		return "say which with --column name=ARRAY, or name them with --names FILE, one name per line"
	}
	if errors.As(err, new(*transfer.NoRowNamesError)) {
		return "name them with --names FILE, one name per line"
	}
	if _, ok := errors.AsType[*transfer.FormatError](err); ok {
		return "write it as .csv with a column of names, as .npy, or as a FAISS index"
	}
	if _, ok := errors.AsType[*transfer.NameColumnError](err); ok {
		return "name the column by its title or number: --column name=COLUMN"
	}
	if _, ok := errors.AsType[*indexer.EmptiedFolderError](err); ok {
		return "remove them with --prune-empty"
	}
	return ""
}
