#!/usr/bin/env node
require('../dist/panelctl.cjs').start()
