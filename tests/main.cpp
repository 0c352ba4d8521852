#ifndef XGRAD_CATCH3
#define CATCH_CONFIG_RUNNER
#endif
#include "catch.h"

int main(int count, char** arguments) { return Catch::Session().run(count, arguments); }
