"""The one door to HTTP: requests to one server, and an answer or a silence as values.

``connection`` sends and reads with limits, ``silence`` says why no answer came. What an answer means, and which of our
errors a silence becomes, is for those who ask: etcd's v2 API, and OpenBao.
"""
