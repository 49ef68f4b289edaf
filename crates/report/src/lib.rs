//! Reports: terminal, JSON, SARIF
