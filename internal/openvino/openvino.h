#include <stddef.h>
#include <stdint.h>

#define AKIN_TEXT 2048 // bytes of a message

struct akin_shape {
	int64_t rank;
	int64_t *dims;
};

struct akin_dimension {
	int64_t least, most;
};

struct akin_partial_shape {
	struct akin_dimension rank;
	struct akin_dimension *dims;
};

struct akin_property {
	const char *key;
	const void *value;
};

struct akin_devices {
	char **names;
	size_t count;
};

struct akin_version {
	const char *build, *description;
};

// akin_openvino are the functions of libopenvino_c that akin calls, as its headers openvino/c/*.h of
// 2026.4 declare them; each is named as there without "ov_".
struct akin_openvino {
	int (*get_openvino_version)(struct akin_version *);
	void (*version_free)(struct akin_version *);
	const char *(*get_last_err_msg)(void);
	const char *(*get_error_info)(int);
	void (*free)(const char *);
	int (*core_create)(void **);
	int (*core_get_available_devices)(const void *, struct akin_devices *);
	void (*available_devices_free)(struct akin_devices *);
	int (*core_get_property)(const void *, const char *, const char *, char **);
	int (*core_read_model)(const void *, const char *, const char *, void **);
	int (*core_read_model_from_memory_buffer)(const void *, const char *, size_t, const void *, void **);
	int (*core_compile_model_props)(const void *, const void *, const char *, size_t, const struct akin_property *, void **);
	int (*partial_shape_create_static)(int64_t, const int64_t *, struct akin_partial_shape *);
	void (*partial_shape_free)(struct akin_partial_shape *);
	int (*model_reshape_single_input)(const void *, struct akin_partial_shape);
	void (*model_free)(void *);
	int (*compiled_model_create_infer_request)(const void *, void **);
	void (*compiled_model_free)(void *);
	int (*tensor_create_from_host_ptr)(int, struct akin_shape, void *, void **);
	int (*tensor_get_size)(const void *, size_t *);
	int (*tensor_data)(const void *, void **);
	void (*tensor_free)(void *);
	int (*infer_request_set_input_tensor)(void *, const void *);
	int (*infer_request_infer)(void *);
	int (*infer_request_get_output_tensor)(const void *, void **);
	void (*infer_request_free)(void *);
};

// All functions return 1, or 0 with a message in text, which has AKIN_TEXT bytes.

int akin_openvino_open(struct akin_openvino *o, const char *path, void **core, char *version, char *text);
int akin_openvino_devices(struct akin_openvino *o, void *core, char *names, char *text); // separated by lines
int akin_openvino_property(struct akin_openvino *o, void *core, const char *device, const char *key, char *value, char *text);

// akin_openvino_compile takes an ONNX model: the file at path, or length bytes where path is NULL. Its input gets the
// shape of dims if rank is not 0.
int akin_openvino_compile(struct akin_openvino *o, void *core, const char *path, const char *bytes, size_t length,
			  int64_t *dims, size_t rank, const char *device, const char **keys, const char **values, size_t properties, void **compiled, char *text);
int akin_openvino_request(struct akin_openvino *o, void *compiled, void **request, char *text);

// akin_openvino_run runs a network with one input, of float32, and one output, of count float32 values.
int akin_openvino_run(struct akin_openvino *o, void *request, float *in, int64_t *dims, size_t rank, float *out, size_t count, char *text);
void akin_openvino_free_request(struct akin_openvino *o, void *request);
void akin_openvino_free_compiled(struct akin_openvino *o, void *compiled);
