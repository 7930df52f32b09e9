// Português do Brasil. Uma chave por linha; um teste compara os idiomas entre si e com o que as páginas usam.
export default {
  "skip": "Ir para o conteúdo",
  "theme.auto": "Tema: automático",
  "theme.light": "Tema: claro",
  "theme.dark": "Tema: escuro",
  "language": "Idioma",
  "foot.with": "{name}, com recado",
  "saved": "Salvo",
  "device.guess": "{browser} no {system}",
  "device.unknown": "Este aparelho",
  "message.unreadable": "Chegou uma mensagem sem texto legível.",

  "new.title": "Recados de {name}, neste aparelho",
  "new.lead": "Eles chegam pelo seu navegador, mesmo com esta página fechada. Sem aplicativo, sem conta.",
  "new.categories": "O que você quer receber?",
  "new.invited": "Você recebeu um convite",
  "new.invited.body": "Quem enviou este link escolheu o que você recebe.",
  "new.button": "Ativar notificações",
  "new.busy": "Ativando",
  "new.hint": "O navegador pede permissão uma vez. Você pode desativar aqui quando quiser.",
  "example.label": "Exemplo de uma mensagem",
  "example.now": "agora",
  "example.title": "Suas mensagens aparecem assim",
  "example.body": "Um recado curto na sua tela. Toque nele para ler mais.",

  "on.title": "As notificações estão ativadas",
  "on.last": "A última apareceu {when}",
  "on.none": "Ainda não chegou nada",
  "on.label": "Nome deste aparelho",
  "on.label.hint": "Para você e quem envia distinguirem seus aparelhos.",
  "on.categories": "O que você recebe",
  "on.categories.invited": "Seu convite escolheu por você. Quando você escolher aqui, vale a sua escolha, além do que só um convite dá.",
  "on.test": "Mostrar um teste",
  "on.test.busy": "Mostrando um teste",
  "on.off": "Desativar neste aparelho",
  "on.off.busy": "Desativando",
  "off.done": "As notificações estão desativadas neste aparelho",

  "messages.title": "Mensagens recentes",
  "messages.kept": "só neste aparelho",
  "messages.empty": "Nenhuma mensagem ainda",
  "messages.empty.body": "O que chega fica aqui por 30 dias, para nada se perder.",
  "messages.older": "Mostrar mais antigas",
  "messages.new": "Nova",
  "messages.test": "Teste",

  "test.message": "Teste de {name}",
  "test.body": "É assim que as mensagens aparecem neste aparelho.",
  "test.shown": "O teste foi entregue ao sistema. Ele já deve estar na sua tela.",
  "mute.summary": "Nada aparece na tela",
  "mute.body": "Então o sistema silencia o navegador. Windows: Configurações, Sistema, Notificações. macOS: Ajustes do Sistema, Notificações. Android: Configurações, Apps, seu navegador, Notificações. Veja também o modo Não perturbe.",

  "again": "Tentar de novo",
  "check": "Verificar de novo",
  "checking": "Verificando",
  "copy": "Copiar este endereço",
  "copied": "Copiado",
  "server.said": "O servidor disse: {message}",
  "browser.said": "O navegador disse: {message}",

  "dismissed.title": "A pergunta foi fechada sem resposta",
  "dismissed.lead": "Aperte o botão mais uma vez e escolha Permitir.",

  "blocked.title": "Seu navegador bloqueia as notificações desta página",
  "blocked.lead": "Só você pode mudar isso, em três passos. Esta página não pode perguntar de novo sozinha.",
  "blocked.chrome.1": "Aperte o ícone de configurações à esquerda do endereço.",
  "blocked.chrome.2": "Mude <b>Notificações</b> para <b>Permitir</b>. No celular fica em Permissões.",
  "blocked.firefox.1": "Aperte o ícone de notificações ou o cadeado à esquerda do endereço.",
  "blocked.firefox.2": "Remova <b>Bloqueado</b> ao lado de Enviar notificações.",
  "blocked.safari.1": "Abra Safari, Ajustes, Sites, <b>Notificações</b>.",
  "blocked.safari.2": "Mude esta página para <b>Permitir</b>.",
  "blocked.ios.1": "Abra Ajustes, Apps (ou Notificações), <b>{name}</b>.",
  "blocked.ios.2": "Ative <b>Permitir Notificações</b>.",
  "blocked.3": "Volte e verifique.",
  "blocked.picture": "A barra de endereço com o ícone de configurações do site marcado e, abaixo, a chave Notificações",
  "blocked.picture.word": "Notificações",
  "blocked.private.summary": "Não existe essa opção, ou ela não fica salva",
  "blocked.private.body": "Janelas privadas e anônimas nunca permitem notificações. Abra esta página em uma janela normal. Em um computador da empresa, o administrador pode tê-las desativado.",

  "insecure.title": "Este endereço não é seguro, por isso o navegador proíbe notificações aqui",
  "insecure.lead": "Você abriu <code>{origin}</code>. Os navegadores só permitem notificações por https ou na própria máquina.",
  "insecure.open": "Abrir {address}",
  "insecure.owner": "Você administra este servidor?",
  "insecure.https": "<b>O melhor: use https.</b> Duas linhas em um Caddyfile bastam, também em casa:",
  "insecure.tls": "Ou dê um certificado ao recado: <code>tls.cert_file</code> e <code>tls.key_file</code>. Depois mude <code>base_url</code> para o endereço https.",
  "insecure.local": "Só quer experimentar? Na mesma máquina abra <a>{address}</a>.",

  "private.title": "Esta janela não guarda nada, por isso não recebe mensagens",
  "private.lead": "Deve ser uma janela privada, ou o navegador apaga sozinho os dados dos sites. Abra esta página em uma janela normal e ative as notificações lá.",

  "unsupported.title": "Este navegador não recebe notificações",
  "unsupported.lead": "Abra esta página em um Firefox, Chrome, Edge ou Safari atual. No iPhone e no iPad é preciso o iOS 16.4 ou mais novo.",
  "unsupported.inside": "Ela abriu dentro de outro aplicativo, como um chat? Escolha “Abrir no navegador” no menu dele.",

  "ios.title": "Falta um passo no iPhone e no iPad",
  "ios.lead": "A Apple só permite notificações de páginas na Tela de Início. Leva dez segundos e pede o iOS 16.4 ou mais novo.",
  "ios.1": "Aperte <b>Compartilhar</b> <icon>share</icon> abaixo da página.",
  "ios.1.picture": "A barra inferior do Safari com o botão Compartilhar marcado",
  "ios.2": "Escolha <b>Adicionar à Tela de Início</b> e depois <b>Adicionar</b>.",
  "ios.2.picture": "O menu Compartilhar com Adicionar à Tela de Início marcado",
  "ios.2.word": "Adicionar à Tela de Início",
  "ios.3": "Abra por lá e ative as notificações.",
  "ios.3.picture": "A tela de início com o novo ícone marcado",
  "ios.other": "Não está no Safari? No Chrome, Edge e Firefox do iOS, Compartilhar fica na barra de endereço ou no menu.",

  "worker.title": "Seu navegador não deixou esta página trabalhar em segundo plano",
  "worker.lead": "É essa parte que recebe as mensagens. Quase sempre o motivo é um certificado em que o navegador não confia, uma janela privada, ou dados do site e cookies bloqueados. Mude isso e verifique de novo.",

  "unreachable.title": "O servidor não responde",
  "unreachable.lead": "Veja se este aparelho está conectado, na mesma rede se o servidor fica em casa, e tente de novo. As mensagens enviadas nesse meio-tempo chegam depois.",

  "service.title": "O serviço de push do seu navegador está fora de alcance",
  "service.lead": "As mensagens passam pelo serviço de quem faz o navegador. Este aparelho precisa de internet, sem firewall ou VPN no caminho. Em alguns navegadores ele vem desligado nas configurações.",
  "brave.title": "O Brave está com o serviço de push desligado",
  "brave.lead": "Abra <code>brave://settings/privacy</code>, ative <b>Usar serviços do Google para mensagens push</b>, reinicie o Brave e volte.",

  "host.title": "Este servidor não trabalha com o serviço de push do seu navegador",
  "host.lead": "O servidor só envia aos serviços de push que seu administrador permitiu. Outro navegador pode funcionar.",
  "host.owner": "Você administra este servidor? Acrescente <code>{host}</code> a <code>push.allowed_hosts</code> e reinicie-o.",

  "invite.title": "Este servidor pede um convite",
  "invite.lead": "Abra neste aparelho o link do convite que você recebeu. Se não tem um, peça a quem administra este servidor.",
  "badinvite.title": "Este convite não funciona",
  "badinvite.lead": "Ele venceu, já foi usado ou falta parte do link. Peça um novo ou continue sem ele.",
  "badinvite.button": "Continuar sem o convite",

  "busy.title": "Pedidos demais da sua rede",
  "busy.lead": "Espere um minuto e tente de novo.",

  "refused.title": "O servidor não aceitou este aparelho",
  "refused.lead": "Carregue a página de novo. Se continuar assim, mostre ao administrador o que está escrito aqui.",

  "muted.title": "Seu navegador não mostrou o teste",
  "muted.lead": "Veja as configurações de notificação do sistema e tente de novo.",

  "offlineoff.title": "As notificações estão desativadas neste aparelho",
  "offlineoff.lead": "O servidor não respondeu. Ele tira este aparelho da lista sozinho na próxima mensagem.",

  // The operator's page.
  "undo": "Desfazer",
  "close": "Fechar",
  "keep": "Manter",
  "optional": "opcional",
  "copy.it": "Copiar",

  "problem.unreachable": "O servidor não respondeu. Verifique se ele está rodando e se este aparelho está conectado.",
  "problem.busy": "Tentativas demais. Espere {seconds} s e tente de novo.",
  "problem.server": "O servidor não conseguiu fazer isto agora. O log dele diz por quê.",
  "problem.status": "O servidor recusou isto ({status}).",

  "nav.main": "Principal",
  "nav.live": "Ao vivo",
  "nav.send": "Enviar",
  "nav.notifications": "Notificações",
  "nav.subscriptions": "Inscrições",
  "nav.categories": "Categorias",
  "nav.invites": "Convites",
  "nav.tokens": "Tokens",
  "nav.system": "Sistema",
  "nav.more": "Mais",
  "nav.alerts": "{count} alertas",
  "connection.live": "Ao vivo",
  "connection.connecting": "Reconectando",
  "connection.paused": "Pausado",
  "connection.paused.new": "Pausado, {count} novos",
  "connection.offline": "Sem conexão, de novo em {seconds} s",
  "signout": "Sair",

  "signin.title": "Entrar",
  "signin.headline": "Entrar em {name}",
  "signin.token": "Token",
  "signin.hint": "Um token de admin, ou um de leitura para só olhar. O primeiro está em <code>DATA_DIR/admin-token</code>; <code>recado token create</code> cria outro.",
  "signin.missing": "Cole um token.",
  "signin.wrong": "Este token está errado, foi revogado ou expirou.",
  "signin.button": "Entrar",
  "signin.busy": "Entrando",
  "signin.subscriber": "Para a página de quem recebe",

  "outcome.sent": "Enviado",
  "outcome.displayed": "Exibido",
  "outcome.clicked": "Clicado",
  "outcome.closed": "Fechado",
  "outcome.retrying": "Tentando de novo",
  "outcome.failed": "Falhou",
  "outcome.gone": "Sumiu",
  "outcome.expired": "Expirou",
  "outcome.canceled": "Cancelado",
  "outcome.pending": "Esperando",
  "outcome.scheduled": "Agendado",
  "outcome.sending": "Enviando",
  "bar.label": "{parts} de {targeted}",
  "reason.sent": "{code}, aceito",
  "reason.proven": "o próprio aparelho exibiu",
  "reason.gone": "{code}, inscrição removida",
  "reason.removed": "inscrição removida",
  "reason.throttled": "{code}, pedidos demais",
  "reason.down": "{code}, o serviço de push está com problemas",
  "reason.refused": "recusado",
  "reason.again": "de novo às {when}",
  "reason.trying": "tentando agora",
  "reason.expired": "o prazo acabou",
  "reason.expired.last": "o prazo acabou; por último: {last}",
  "reason.canceled": "interrompido antes do envio",

  // Live.

  // Send.

  // Notifications.

  // Subscriptions.

  // Categories.

  // Invites.

  // Tokens.

  // System.
};
