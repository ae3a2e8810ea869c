package main

import (
	"errors"
	"fmt"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/hub"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/space"
)

// withRemedy returns the text of an error, and what to do about it.
func withRemedy(err error) string {
	for _, of := range []func(error) string{collectionRemedy, spaceRemedy, modelRemedy} {
		if r := of(err); r != "" {
			return err.Error() + "; " + r
		}
	}
	return err.Error()
}

// collectionRemedy says what to do about a collection that cannot be used, or a picture of it.
func collectionRemedy(err error) string {
	switch {
	case errors.Is(err, akin.ErrNoCollection):
		return "create it with `akin index PATH`"
	case errors.Is(err, akin.ErrLocked):
		return "wait until it is done, or stop it"
	case errors.Is(err, akin.ErrVersion):
		return "install a newer akin"
	case errors.Is(err, akin.ErrOld):
		return "run `akin index` on its folders once"
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
		return fmt.Sprintf("index its folders with --model %s, or choose another --model", e.Model)
	}
	if e, ok := errors.AsType[*space.AmbiguousSpaceError](err); ok {
		return fmt.Sprintf("name one as %s@%.12s", e.Model, e.Fingerprints[0])
	}
	if _, ok := errors.AsType[*space.ImportedSpaceError](err); ok {
		return "choose another --model, or query with the name of an indexed picture"
	}
	if e, ok := errors.AsType[*space.WeightsDifferError](err); ok {
		return fmt.Sprintf("query with the name of an indexed picture, or run `akin index` with --model %s again", e.Model)
	}
	if _, ok := errors.AsType[*space.NoTextModelError](err); ok {
		return textRemedy
	}
	if _, ok := errors.AsType[*api.NeedsTwoModelsError](err); ok {
		return "index with another --model"
	}
	if errors.Is(err, akin.ErrNeedsBothKinds) {
		return "index with one of the other kind, or say with --language which are trained on language"
	}
	return ""
}

const textRemedy = "index with a model that does, such as --model clip-vit-base-patch32"

// modelRemedy says what to do about a model, or the library that runs it, that is not installed.
func modelRemedy(err error) string {
	if _, ok := errors.AsType[*model.UnknownError](err); ok {
		return "`akin models` lists the models; install another with `akin pull ORG/NAME` or `akin models add`"
	}
	if e, ok := errors.AsType[*model.NoWeightsError](err); ok {
		if e.Spec.Pullable() {
			return fmt.Sprintf("install it with `akin pull %s`", e.Spec.Name)
		}
		return fmt.Sprintf("run `make setup` in akin's checkout, or put a folder %s in a folder of $AKIN_MODELS", e.Spec.Name)
	}
	if e, ok := errors.AsType[*model.BrokenLinkError](err); ok {
		return fmt.Sprintf("put the file back, or remove the model with `akin models remove %s`", e.Model)
	}
	if _, ok := errors.AsType[*model.NoTextError](err); ok {
		return textRemedy
	}
	switch {
	case errors.Is(err, hub.ErrOffline):
		return "unset $HF_HUB_OFFLINE"
	case errors.Is(err, akin.ErrNoDecoder):
		return "`akin doctor` lists what is installed"
	}
	return ""
}
