"""Tests of the harness that start no server: python3 -m unittest discover -s bench/tests -t bench"""
