#pragma once
// Every loss.
#include "losses/crossentropy.h"
#include "losses/ctc.h"
#include "losses/distribution.h"
#include "losses/focal.h"
#include "losses/functions.h"
#include "losses/hinge.h"
#include "losses/likelihood.h"
#include "losses/overlap.h"
#include "losses/regression.h"
#include "losses/similarity.h"
