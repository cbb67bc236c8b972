namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The types of the query language, in the order in which ORDER BY puts them.</summary>
internal enum SqlType : byte
{
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}
