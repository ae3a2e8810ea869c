// The one function of macOS's mach/mach_vm.h that a module calls (prometheus/client_golang), for compilers without Apple's SDK.
#pragma once
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/vm_region.h>

kern_return_t mach_vm_region(vm_map_read_t target_task, mach_vm_address_t *address, mach_vm_size_t *size, vm_region_flavor_t flavor,
	vm_region_info_t info, mach_msg_type_number_t *info_count, mach_port_t *object_name);
