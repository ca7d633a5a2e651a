// SPDX-License-Identifier: Apache-2.0
// Moved: include mail/encoded_word.h.
#pragma once

#include "mail/encoded_word.h"
