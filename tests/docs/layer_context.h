#pragma once
// A layer of the library itself includes this too.
#include "../../nn/config.h"
#include "context.h"
