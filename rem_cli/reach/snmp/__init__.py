"""The Simple Network Management Protocol: versions 1, 2c and 3, thousands of agents over one socket.

Messages are built once and patched; answers are read without an object for each of their parts. What is rare (other
ciphers, names of other MIBs) is not here: a check may say `engine: pysnmp`.
"""
