package runtime

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdlib.h>
import "C"

import (
	"errors"
	goruntime "runtime"
	"sort"
	"unsafe"

	"github.com/akin-search/akin/internal/glob"
)

// cudaParts are the libraries that ONNX Runtime's CUDA provider is linked with, each after those
// that it depends on.
var cudaParts = []string{
	"libcudart.so.*", "libnvJitLink.so.*", "libnvrtc.so.*", "libcublasLt.so.*", "libcublas.so.*",
	"libcurand.so.*", "libcufft.so.*", "libcudnn.so.*",
}

// preloadCUDA loads CUDA's libraries if they lie beside ONNX Runtime: the dynamic linker searches
// the system's folders only, but uses what is loaded already.
func preloadCUDA(dir string) error {
	goruntime.LockOSThread() // dlerror is a thread's own
	defer goruntime.UnlockOSThread()
	for _, pattern := range cudaParts {
		found, err := glob.Files(dir, pattern)
		if err != nil {
			return err
		}
		sort.Strings(found)
		for _, path := range found {
			name := C.CString(path)
			so := C.dlopen(name, C.RTLD_NOW|C.RTLD_GLOBAL)
			C.free(unsafe.Pointer(name))
			if so == nil {
				return errors.New(C.GoString(C.dlerror()))
			}
		}
	}
	return nil
}
