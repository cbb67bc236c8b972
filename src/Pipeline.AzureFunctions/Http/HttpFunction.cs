using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.AzureFunctions.Http;

/// <summary>An HTTP function and all that its code says of it.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Method">The method.</param>
/// <param name="Route">Its route, without the prefix.</param>
/// <param name="Methods">Its HTTP methods.</param>
/// <param name="Level">Who may call it.</param>
/// <param name="Operation">The rest.</param>
internal sealed record HttpFunction(
    string Name, MethodInfo Method, string Route, IReadOnlyList<string> Methods, AuthorizationLevel Level, ApiOperationAttribute Operation);
