#pragma once
// XGRAD_SANITIZED: the address or the thread sanitizer has its own allocator and its own stacks (GCC, Clang).
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define XGRAD_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define XGRAD_SANITIZED
#endif
#endif
