#pragma once
// Every layer.
#include "layers/activation.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/input.h"
#include "layers/noise.h"
#include "layers/shape.h"
#include "sequential.h"
