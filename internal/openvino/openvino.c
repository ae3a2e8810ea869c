#include "openvino.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN32

#include <windows.h>

static void *library(const char *path, char *text)
{
	wchar_t wide[32768];
	if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 32768)) {
		snprintf(text, AKIN_TEXT, "its path is no text");
		return NULL;
	}
	// The libraries that it needs lie beside it.
	HMODULE so = LoadLibraryExW(wide, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
	if (!so)
		snprintf(text, AKIN_TEXT, "error %lu of Windows", GetLastError());
	return so;
}

static void *symbol(void *so, const char *name) { return (void *)GetProcAddress(so, name); }

#else

#include <dlfcn.h>

static void *library(const char *path, char *text)
{
	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!so)
		snprintf(text, AKIN_TEXT, "%s", dlerror());
	return so;
}

static void *symbol(void *so, const char *name) { return dlsym(so, name); }

#endif

#define FLOAT32 4 // of ov_element_type_e

// done reports whether a function succeeded, and says why not.
static int done(struct akin_openvino *o, int status, char *text)
{
	if (status == 0)
		return 1;
	const char *why = o->get_last_err_msg();
	if (!why || !*why)
		why = o->get_error_info(status);
	snprintf(text, AKIN_TEXT, "%s", why ? why : "it failed");
	return 0;
}

int akin_openvino_open(struct akin_openvino *o, const char *path, void **core, char *version, char *text)
{
	void *so = library(path, text);
	if (!so)
		return 0;
#define FIND(name)                                                                   \
	do {                                                                         \
		o->name = symbol(so, "ov_" #name);                                   \
		if (!o->name) {                                                      \
			snprintf(text, AKIN_TEXT, "it has no function ov_" #name);   \
			return 0;                                                    \
		}                                                                    \
	} while (0)
	FIND(get_openvino_version);
	FIND(version_free);
	FIND(get_last_err_msg);
	FIND(get_error_info);
	FIND(free);
	FIND(core_create);
	FIND(core_get_available_devices);
	FIND(available_devices_free);
	FIND(core_get_property);
	FIND(core_read_model);
	FIND(core_read_model_from_memory_buffer);
	FIND(core_compile_model_props);
	FIND(partial_shape_create_static);
	FIND(partial_shape_free);
	FIND(model_reshape_single_input);
	FIND(model_free);
	FIND(compiled_model_create_infer_request);
	FIND(compiled_model_free);
	FIND(tensor_create_from_host_ptr);
	FIND(tensor_get_size);
	FIND(tensor_data);
	FIND(tensor_free);
	FIND(infer_request_set_input_tensor);
	FIND(infer_request_infer);
	FIND(infer_request_get_output_tensor);
	FIND(infer_request_free);
#undef FIND
	struct akin_version v = {0};
	if (!done(o, o->get_openvino_version(&v), text))
		return 0;
	snprintf(version, AKIN_TEXT, "%s", v.build ? v.build : "");
	o->version_free(&v);
	return done(o, o->core_create(core), text);
}

int akin_openvino_devices(struct akin_openvino *o, void *core, char *names, char *text)
{
	struct akin_devices d = {0};
	if (!done(o, o->core_get_available_devices(core, &d), text))
		return 0;
	size_t used = 0;
	names[0] = 0;
	for (size_t i = 0; i < d.count && used < AKIN_TEXT; i++)
		used += snprintf(names + used, AKIN_TEXT - used, "%s\n", d.names[i]);
	o->available_devices_free(&d);
	return 1;
}

int akin_openvino_property(struct akin_openvino *o, void *core, const char *device, const char *key, char *value, char *text)
{
	char *v = NULL;
	if (!done(o, o->core_get_property(core, device, key, &v), text))
		return 0;
	snprintf(value, AKIN_TEXT, "%s", v ? v : "");
	o->free(v);
	return 1;
}

int akin_openvino_compile(struct akin_openvino *o, void *core, const char *path, const char *bytes, size_t length,
			  int64_t *dims, size_t rank, const char *device, const char **keys, const char **values, size_t count, void **compiled, char *text)
{
	enum { most = 16 };
	struct akin_property properties[most];
	if (count > most) {
		snprintf(text, AKIN_TEXT, "%zu properties", count);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		properties[i] = (struct akin_property){keys[i], values[i]};
	void *model = NULL;
	int status = path ? o->core_read_model(core, path, NULL, &model)
			  : o->core_read_model_from_memory_buffer(core, bytes, length, NULL, &model);
	if (!done(o, status, text))
		return 0;
	int ok = 1;
	if (rank > 0) {
		struct akin_partial_shape shape = {0};
		ok = done(o, o->partial_shape_create_static((int64_t)rank, dims, &shape), text);
		if (ok) {
			ok = done(o, o->model_reshape_single_input(model, shape), text);
			o->partial_shape_free(&shape);
		}
	}
	ok = ok && done(o, o->core_compile_model_props(core, model, device, count, properties, compiled), text);
	o->model_free(model);
	return ok;
}

int akin_openvino_request(struct akin_openvino *o, void *compiled, void **request, char *text)
{
	return done(o, o->compiled_model_create_infer_request(compiled, request), text);
}

int akin_openvino_run(struct akin_openvino *o, void *request, float *in, int64_t *dims, size_t rank, float *out, size_t count, char *text)
{
	void *input = NULL, *output = NULL, *data = NULL;
	size_t size = 0;
	struct akin_shape shape = {(int64_t)rank, dims};
	if (!done(o, o->tensor_create_from_host_ptr(FLOAT32, shape, in, &input), text))
		return 0;
	// The request keeps the input's address, and reads it in infer only.
	int ok = done(o, o->infer_request_set_input_tensor(request, input), text) &&
		 done(o, o->infer_request_infer(request), text) &&
		 done(o, o->infer_request_get_output_tensor(request, &output), text) &&
		 done(o, o->tensor_get_size(output, &size), text) && done(o, o->tensor_data(output, &data), text);
	if (ok && size != count) {
		snprintf(text, AKIN_TEXT, "it gave %zu values, not %zu", size, count);
		ok = 0;
	}
	if (ok)
		memcpy(out, data, count * sizeof *out);
	if (output)
		o->tensor_free(output);
	o->tensor_free(input);
	return ok;
}

void akin_openvino_free_request(struct akin_openvino *o, void *request) { o->infer_request_free(request); }

void akin_openvino_free_compiled(struct akin_openvino *o, void *compiled) { o->compiled_model_free(compiled); }
