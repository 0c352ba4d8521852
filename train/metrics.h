#pragma once
// Every metric.
#include "metrics/accuracy.h"
#include "metrics/confusion.h"
#include "metrics/curve.h"
#include "metrics/fbeta.h"
#include "metrics/iou.h"
#include "metrics/mean.h"
#include "metrics/regression.h"
#include "metrics/report.h"
