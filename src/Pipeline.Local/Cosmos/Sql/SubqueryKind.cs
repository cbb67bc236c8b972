namespace Pipeline.Local.Cosmos.Sql;

internal enum SubqueryKind
{
    Scalar,
    Array,
    Exists,
}
