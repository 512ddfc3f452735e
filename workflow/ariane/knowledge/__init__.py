"""What is known: releases of knowledge, their readers and the tables prepared from them."""
