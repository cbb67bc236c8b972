namespace Pipeline.Local.Cosmos.Sql;

internal enum TokenKind
{
    End,
    Name,
    Parameter,
    Text,
    Number,
    Symbol,
}
