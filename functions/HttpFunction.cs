using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions;

/// <summary>An HTTP function and all that its code says of it.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Method">The method.</param>
/// <param name="Trigger">The trigger: route, methods and who may call.</param>
/// <param name="Operation">The rest.</param>
internal sealed record HttpFunction(string Name, MethodInfo Method, HttpTriggerAttribute Trigger, ApiOperationAttribute Operation);
