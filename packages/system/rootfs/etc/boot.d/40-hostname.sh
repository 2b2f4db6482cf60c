#!/bin/sh
exec hostname -F /etc/hostname
