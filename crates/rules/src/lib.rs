//! Rule pages, their registry and the embedded rules
